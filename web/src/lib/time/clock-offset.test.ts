import { expect, test } from 'vitest';
import { bestOffset, observeDate, unknownOffset } from '@/lib/time/clock-offset';

/** What a server `offset` ms ahead of us writes as `Date` when it reads our `now`. */
const dateAt = (now: number, offset: number) => Math.floor((now + offset) / 1000) * 1000;

test('a clock that may be right is taken to be right', () => {
  const known = observeDate(unknownOffset, dateAt(5_400, 0), 5_390, 5_410);
  expect(bestOffset(known)).toBe(0);
  expect(bestOffset(unknownOffset)).toBe(0);
});

test('several answers narrow the offset down', () => {
  let known = unknownOffset;
  for (let now = 10_000; now < 20_000; now += 730) {
    known = observeDate(known, dateAt(now, 90_250), now - 10, now + 10);
  }
  expect(known.high - known.low).toBeLessThan(200);
  expect(bestOffset(known)).toBeGreaterThan(90_100);
  expect(bestOffset(known)).toBeLessThan(90_400);
});

test('a server behind us', () => {
  const known = observeDate(unknownOffset, dateAt(100_000, -30_000), 99_990, 100_010);
  expect(Math.abs(bestOffset(known) + 30_000)).toBeLessThanOrEqual(1000);
});

test('a clock that was set begins again', () => {
  const before = observeDate(unknownOffset, dateAt(10_000, 90_000), 9_990, 10_010);
  const after = observeDate(before, dateAt(20_000, 0), 19_990, 20_010);
  expect(bestOffset(after)).toBe(0);
});
