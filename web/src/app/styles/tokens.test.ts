import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync('src/app/styles/tokens.css', 'utf8');

/** The tokens of one rule: `[data-theme='light'] { … }`. */
function tokensOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  expect(start, selector).toBeGreaterThanOrEqual(0);
  const body = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test('the measure itself', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

const surfaces = ['page', 's1', 's2', 's3'];
const textPairs = [
  ...surfaces.flatMap((surface) => [
    ['text', surface],
    ['text-2', surface],
  ]),
  ...['page', 's1', 's2'].flatMap((surface) => [
    ['text-3', surface],
    ['danger-text', surface],
    ['ok', surface],
    ['warn', surface],
    ['accent', surface],
  ]),
  ['on-primary', 'primary'],
  ['on-primary', 'primary-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
];
const controlPairs = [
  ['line-control', 'page'],
  ['line-control', 's1'],
  ['focus', 'page'],
  ['focus', 's3'],
];

describe.each(["[data-theme='dark']", "[data-theme='light']"])('%s', (selector) => {
  const tokens = tokensOf(selector);
  const value = (name: string) => {
    const found = tokens.get(name) ?? '';
    expect(found, name).toMatch(/^#[0-9a-f]{6}$/);
    return found;
  };

  test.each(textPairs)('text %s on %s reaches 4.5', (text = '', surface = '') => {
    expect(contrast(value(text), value(surface))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(controlPairs)('border %s on %s reaches 3', (border = '', surface = '') => {
    expect(contrast(value(border), value(surface))).toBeGreaterThanOrEqual(3);
  });
});

test('both themes have the same tokens', () => {
  expect([...tokensOf("[data-theme='light']").keys()]).toEqual([...tokensOf("[data-theme='dark']").keys()]);
});

const profiles = ['none', 'blue', 'green', 'lavender', 'purple', 'salmon', 'turquoise', 'yellow'];

test.each(profiles)('profile colour %s carries its text', (name) => {
  const tokens = tokensOf(`[data-profile='${name}']`);
  expect(contrast(tokens.get('profile') ?? '', tokens.get('on-profile') ?? '')).toBeGreaterThanOrEqual(4.5);
  expect(contrast(tokens.get('profile-soft') ?? '', '#000000')).toBeGreaterThanOrEqual(4.5);
});
