import { expect, test, vi } from 'vitest';

async function load(stored: string | null) {
  vi.resetModules();
  if (stored !== null) localStorage.setItem('klieg.player', stored);
  const { playerSettings } = await import('@/lib/player/settings');
  return playerSettings.get();
}

const initial = { volume: 1, muted: false, latency: 'low', quality: 'auto', bandwidth: null };

test.each([null, '', 'nonsense', '7', '[]', '{"volume":7,"muted":"yes","latency":"high","quality":-1,"bandwidth":1}'])(
  'what is not valid is not taken: %s',
  async (stored) => {
    expect(await load(stored)).toEqual(initial);
  },
);

test('what is valid is', async () => {
  const valid = { volume: 0.25, muted: true, latency: 'stable', quality: 480, bandwidth: 2_500_000 };
  expect(await load(JSON.stringify(valid))).toEqual(valid);
});
