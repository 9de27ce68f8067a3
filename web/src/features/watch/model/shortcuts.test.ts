import { describe, expect, test } from 'vitest';
import { commandFor, focusOf, type Focus } from '@/features/watch/model/shortcuts';

const press = (key: string, focus: Focus = 'other', arrowsFree = true, modified = false) =>
  commandFor({ key, modified }, { focus, arrowsFree });

test.each([
  [' ', 'play-pause'],
  ['k', 'play-pause'],
  ['K', 'play-pause'],
  ['m', 'mute'],
  ['ArrowUp', 'volume-up'],
  ['ArrowDown', 'volume-down'],
  ['f', 'fullscreen'],
  ['t', 'theatre'],
  ['i', 'pip'],
  ['l', 'go-live'],
  ['ArrowLeft', 'seek-back'],
  ['ArrowRight', 'seek-forward'],
  ['s', 'statistics'],
  ['?', 'shortcuts'],
  ['Escape', 'close'],
  ['x', null],
  ['Enter', null],
])('%j does %s', (key, command) => {
  expect(press(key)).toBe(command);
});

test('nothing while writing, in menus and dialogs, or with a modifier', () => {
  for (const key of [' ', 'm', 'f', 'ArrowUp', 'Escape', '?']) {
    expect(press(key, 'text')).toBeNull();
    expect(press(key, 'layer')).toBeNull();
    expect(press(key, 'other', true, true)).toBeNull();
  }
});

test('widgets keep the keys they use themselves', () => {
  expect(press(' ', 'button')).toBeNull();
  expect(press('m', 'button')).toBe('mute');
  expect(press('ArrowUp', 'button')).toBe('volume-up');
  expect(press('ArrowUp', 'slider')).toBeNull();
  expect(press('m', 'slider')).toBe('mute');
});

test('a page that scrolls keeps the arrows', () => {
  expect(press('ArrowDown', 'other', false)).toBeNull();
  expect(press('m', 'other', false)).toBe('mute');
});

describe('focusOf', () => {
  test.each([
    ['<input>', 'text'],
    ['<input type="search">', 'text'],
    ['<input type="range">', 'slider'],
    ['<textarea></textarea>', 'text'],
    ['<select></select>', 'text'],
    ['<button></button>', 'button'],
    ['<a href="/">x</a>', 'button'],
    ['<div tabindex="0"></div>', 'other'],
    ['<div role="slider" tabindex="0"></div>', 'slider'],
    ['<div role="log" tabindex="0"></div>', 'slider'],
    ['<div role="menu"><div role="menuitem" tabindex="0" data-target></div></div>', 'layer'],
    ['<div role="dialog"><button data-target></button></div>', 'layer'],
  ])('%s is %s', (html, focus) => {
    document.body.innerHTML = html;
    expect(focusOf(document.querySelector('[data-target]') ?? document.body.firstElementChild)).toBe(focus);
  });

  test('nothing', () => {
    expect(focusOf(null)).toBe('other');
  });
});
