import { expect, test } from 'vitest';
import { matchQuality, type Quality } from '@/lib/player/model/quality';

const of = (...heights: number[]): Quality[] => heights.map((height) => ({ height, frameRate: 30, bitrate: height }));

test.each([
  [[1080, 720, 480], 720, 1],
  [[1080, 720, 480], 800, 1],
  [[1080, 720, 480], 4000, 0],
  [[1080, 720, 480], 240, 2],
  [[480, 720, 1080], 720, 1],
  [[480, 720, 1080], 100, 0],
  [[720, 0], 480, 1],
  [[], 480, -1],
])('of %j the nearest to %d is number %d', (heights, wish, index) => {
  expect(matchQuality(of(...heights), wish)).toBe(index);
});
