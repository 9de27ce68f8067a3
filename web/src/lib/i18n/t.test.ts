import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en, type Plural } from '@/lib/i18n/en';
import { t } from '@/lib/i18n/t';

test('parameters and plurals', () => {
  expect(t('player.pause')).toBe('Pause');
  expect(t('channel.offlineTitle', { name: 'ana' })).toBe('ana is offline');
  expect(t('channel.viewers', { count: 1 })).toBe('1 viewer');
  expect(t('channel.viewers', { count: 0 })).toBe('0 viewers');
  expect(t('channel.viewers', { count: 1234 })).toBe('1,234 viewers');
});

test('a parameter is text, whatever it holds', () => {
  expect(t('channel.offlineTitle', { name: '{name} $& <b>' })).toBe('{name} $& <b> is offline');
});

const texts = Object.entries<string | Plural>(en).flatMap(([key, text]): [string, string][] =>
  typeof text === 'string' ? [[key, text]] : Object.values(text).map((form: string) => [key, form]),
);

test.each(texts)('%s is written in the voice of the product', (_key, text) => {
  expect(text).not.toMatch(/!|\boops\b|\bplease\b|\.\.\./i);
  expect(text.trim()).toBe(text);
  expect(text).not.toBe('');
});

test('every text is used', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !/\.test\.|i18n/.test(name),
  );
  const source = files.map((name) => readFileSync(`src/${name}`, 'utf8')).join('\n');
  const unused = Object.keys(en).filter((key) => !source.includes(`'${key}'`));
  expect(unused).toEqual([]);
});
