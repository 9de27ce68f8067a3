import type { LatencyMode } from '@/lib/player/model/latency-keeper';
import type { QualityChoice } from '@/lib/player/model/quality';
import { createStored, isRecord } from '@/lib/storage/storage';

export interface PlayerSettings {
  /** 0 … 1 */
  readonly volume: number;
  readonly muted: boolean;
  readonly latency: LatencyMode;
  readonly quality: QualityChoice;
  /** Bits per second, as last measured; null before the first measurement. */
  readonly bandwidth: number | null;
}

function readNumber(value: unknown, low: number, high: number): number | null {
  return typeof value === 'number' && value >= low && value <= high ? value : null;
}

export const playerSettings = createStored<PlayerSettings>('klieg.player', (value) => {
  const raw = isRecord(value) ? value : {};
  return {
    volume: readNumber(raw.volume, 0, 1) ?? 1,
    muted: raw.muted === true,
    latency: raw.latency === 'stable' ? 'stable' : 'low',
    quality: readNumber(raw.quality, 0, 10_000) ?? 'auto',
    bandwidth: readNumber(raw.bandwidth, 50_000, 1e9),
  };
});
