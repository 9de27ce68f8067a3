import { describe, expect, test } from 'vitest';
import { readCue, SeenCues, type MetadataCue } from '@/lib/player/model/cues';

describe('readCue', () => {
  test('a frame of the server', () => {
    const value = { key: 'TXXX', info: 'metadata.live-video.net', data: '{"v":1}' };
    expect(readCue(value, 12.5)).toEqual({ origin: 'server', text: '{"v":1}', time: 12.5 });
  });

  test('a frame of the encoder, with the NUL that some players leave', () => {
    const value = { key: 'TXXX', info: 'inband.metadata.live-video.net', data: 'hello\0' };
    expect(readCue(value, 0)).toEqual({ origin: 'encoder', text: 'hello', time: 0 });
  });

  test.each([
    null,
    undefined,
    'text',
    [],
    {},
    { key: 'PRIV', info: 'metadata.live-video.net', data: 'x' },
    { key: 'TXXX', info: 'other', data: 'x' },
    { key: 'TXXX', info: 'metadata.live-video.net' },
    { key: 'TXXX', info: 'metadata.live-video.net', data: '' },
    { key: 'TXXX', info: 'metadata.live-video.net', data: new ArrayBuffer(3) },
    { key: 'TXXX', info: 7, data: 'x' },
  ])('anything else is no cue: %j', (value) => {
    expect(readCue(value, 0)).toBeNull();
  });
});

describe('SeenCues', () => {
  const cue = (text: string, time: number): MetadataCue => ({ origin: 'server', text, time });

  test('an event is new once, also with the rounding of another rendition', () => {
    const seen = new SeenCues();
    expect(seen.add(cue('a', 10.0001))).toBe(true);
    expect(seen.add(cue('a', 9.9999))).toBe(false);
    expect(seen.add(cue('a', 10.4))).toBe(true);
    expect(seen.add(cue('b', 10))).toBe(true);
  });

  test('its memory is bounded', () => {
    const seen = new SeenCues();
    for (let i = 0; i <= 200; i += 1) seen.add(cue('x', i));
    expect(seen.add(cue('x', 200))).toBe(false);
    expect(seen.add(cue('x', 0))).toBe(true);
  });
});
