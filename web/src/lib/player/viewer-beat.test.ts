import { expect, test } from 'vitest';
import { beatUrl, createViewerId, withViewer } from '@/lib/player/viewer-beat';

test('ids are 22 characters of base64url, each another', () => {
  const ids = Array.from({ length: 200 }, createViewerId);
  expect(ids.every((id) => /^[A-Za-z0-9_-]{22}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(200);
});

test('addresses are made beside the master playlist, absolute or relative', () => {
  expect(withViewer('https://media.example/live/abc/master.m3u8?a=1', 'x')).toBe(
    'https://media.example/live/abc/master.m3u8?a=1&vid=x',
  );
  expect(beatUrl('https://media.example/live/abc/master.m3u8?a=1', 'x')).toBe(
    'https://media.example/live/abc/beat?vid=x',
  );
  expect(beatUrl('/live/abc/master.m3u8', 'x')).toBe(`${window.location.origin}/live/abc/beat?vid=x`);
});
