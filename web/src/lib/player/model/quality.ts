/** One rendition of the stream. `height` 0 is sound without a picture. */
export interface Quality {
  readonly height: number;
  readonly frameRate: number;
  readonly bitrate: number;
}

/** The viewer's wish: automatic, or a height that is taken as "that, or the next one below". */
export type QualityChoice = 'auto' | number;

/** Index of the rendition that comes nearest to a wish without being above it; the lowest if all are above. */
export function matchQuality(qualities: readonly Quality[], height: number): number {
  let best = -1;
  let lowest = -1;
  qualities.forEach((quality, index) => {
    const isBetter = quality.height <= height && quality.height > (qualities[best]?.height ?? -1);
    if (isBetter) best = index;
    if (quality.height < (qualities[lowest]?.height ?? Infinity)) lowest = index;
  });
  return best >= 0 ? best : lowest;
}
