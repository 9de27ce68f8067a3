import { describe, expect, test } from 'vitest';
import {
  freshKeeper,
  keepLatency,
  wantedTarget,
  type KeeperEffect,
  type LatencySample,
} from '@/lib/player/model/latency-keeper';

const steady: LatencySample = {
  now: 0,
  latency: 1.1,
  target: 1.014,
  targetDuration: 2,
  holdBack: 6,
  partHoldBack: 1.014,
  mode: 'low',
  playing: true,
};

/** Feeds one sample four times a second. */
function feed(milliseconds: number, sample: Partial<LatencySample>, from = { model: freshKeeper, now: 0 }) {
  let { model, now } = from;
  const effects: (KeeperEffect & { readonly at: number })[] = [];
  const end = now + milliseconds;
  while (now < end) {
    now += 250;
    const next = keepLatency(model, { ...steady, ...sample, now });
    model = next.model;
    effects.push(...next.effects.map((effect) => ({ ...effect, at: now })));
  }
  return { model, now, effects };
}

describe('the live edge', () => {
  test('near the target nothing is done', () => {
    expect(feed(60_000, {}).effects).toEqual([]);
  });

  test('less than a target duration late is left to the playback rate', () => {
    expect(feed(9000, { latency: 3 }).effects).toEqual([]);
  });

  test('at a target duration or more for 2 s it jumps', () => {
    const { effects } = feed(2250, { latency: 3.02 });
    expect(effects).toEqual([{ type: 'seek-live', at: 2250 }]);
  });

  test('exactly a target duration is late', () => {
    expect(feed(2250, { latency: 3, target: 1 }).effects).toHaveLength(1);
  });

  test('it jumps once, then watches for another 2 s', () => {
    expect(feed(4500, { latency: 9 }).effects.map(({ at }) => at)).toEqual([2250, 4500]);
  });

  test('a moment in time starts the two seconds over', () => {
    const late = feed(1750, { latency: 9 });
    const good = feed(250, {}, late);
    expect(feed(2000, { latency: 9 }, good).effects).toEqual([]);
  });

  test('not while stalled, paused or behind by choice', () => {
    expect(feed(20_000, { latency: 30, playing: false }).effects).toEqual([]);
  });

  test('not before the delay is known', () => {
    expect(feed(20_000, { latency: null, target: null }).effects).toEqual([]);
  });
});

describe('the stall penalty', () => {
  test('is cleared after 10 s without a stall', () => {
    const { effects } = feed(10_250, { target: 1.264 });
    expect(effects).toEqual([{ type: 'set-target', seconds: 1.014, at: 10_250 }]);
  });

  test('is not argued about: once every 10 s', () => {
    expect(feed(21_000, { target: 1.264 }).effects.map(({ at }) => at)).toEqual([10_250, 20_250]);
  });

  test('a playlist that names no distance has none to keep', () => {
    expect(feed(20_000, { holdBack: 0, partHoldBack: 0 }).effects).toEqual([]);
  });

  test('a stall starts the ten seconds over', () => {
    const smooth = feed(9000, { target: 1.264 });
    const stalled = feed(250, { target: 1.514, playing: false }, smooth);
    expect(feed(10_000, { target: 1.514 }, stalled).effects).toEqual([]);
  });

  test('a target that is right is not touched', () => {
    expect(feed(60_000, { target: 1.0145 }).effects).toEqual([]);
  });
});

test.each([
  ['low', 1.014, 1.014],
  ['stable', 1.014, 6],
  ['low', 0, 6],
] as const)('mode %s with PART-HOLD-BACK %d wants %d', (mode, partHoldBack, wanted) => {
  expect(wantedTarget({ ...steady, mode, partHoldBack })).toBe(wanted);
});
