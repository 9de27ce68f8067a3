import { expect, test } from 'vitest';
import { formatAgo, formatCompact, formatDuration, formatFixed } from '@/lib/format/format';

test.each([
  [0, '0:00'],
  [-5000, '0:00'],
  [999, '0:00'],
  [59_999, '0:59'],
  [60_000, '1:00'],
  [3_599_000, '59:59'],
  [3_600_000, '1:00:00'],
  [4_329_000, '1:12:09'],
  [360_000_000, '100:00:00'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [0, 'now'],
  [59_000, 'now'],
  [61_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [2 * 86_400_000, '2 days ago'],
  [86_400_000, 'yesterday'],
  [-5000, 'now'],
])('%d ms ago is "%s"', (age, text) => {
  expect(formatAgo(1_000_000_000_000 - age, 1_000_000_000_000)).toBe(text);
});

test('numbers', () => {
  expect(formatCompact(1234)).toBe('1.2K');
  expect(formatFixed(1, 1)).toBe('1.0');
  expect(formatFixed(1.25, 2)).toBe('1.25');
});
