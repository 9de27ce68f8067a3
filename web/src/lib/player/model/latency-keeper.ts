/**
 * Keeps the delay where it belongs, four times a second. hls.js speeds playback up by itself while the delay is
 * less than a target duration too long; what is beyond that, and the penalty it adds for each stall and never
 * takes back, is settled here.
 */

export type LatencyMode = 'low' | 'stable';

export interface LatencySample {
  readonly now: number;
  /** Seconds behind the live edge, and where hls.js wants to be; null while unknown. */
  readonly latency: number | null;
  readonly target: number | null;
  readonly targetDuration: number;
  readonly holdBack: number;
  /** 0 when the playlist has no parts. */
  readonly partHoldBack: number;
  readonly mode: LatencyMode;
  readonly playing: boolean;
}

export interface KeeperModel {
  /** Since when the delay is beyond what speeding up is meant for. */
  readonly lateSince: number | null;
  readonly smoothSince: number | null;
}

export type KeeperEffect = { readonly type: 'seek-live' } | { readonly type: 'set-target'; readonly seconds: number };

export interface KeeperStep {
  readonly model: KeeperModel;
  readonly effects: readonly KeeperEffect[];
}

const lateFor = 2000;
const smoothFor = 10_000;

export const freshKeeper: KeeperModel = { lateSince: null, smoothSince: null };

export function wantedTarget(sample: LatencySample): number {
  return sample.mode === 'low' && sample.partHoldBack > 0 ? sample.partHoldBack : sample.holdBack;
}

function keepEdge(model: KeeperModel, sample: LatencySample): { lateSince: number | null; seek: boolean } {
  const { latency, target } = sample;
  if (latency === null || target === null || latency - target < sample.targetDuration) {
    return { lateSince: null, seek: false };
  }
  const lateSince = model.lateSince ?? sample.now;
  return sample.now - lateSince >= lateFor ? { lateSince: null, seek: true } : { lateSince, seek: false };
}

/** A sample that is not `playing` (stalled, paused, behind by choice) starts the ten smooth seconds over. */
export function keepLatency(model: KeeperModel, sample: LatencySample): KeeperStep {
  if (!sample.playing) return { model: freshKeeper, effects: [] };
  const { lateSince, seek } = keepEdge(model, sample);
  const smoothSince = model.smoothSince ?? sample.now;
  const effects: KeeperEffect[] = seek ? [{ type: 'seek-live' }] : [];
  const wanted = wantedTarget(sample);
  const differs = sample.target !== null && Math.abs(sample.target - wanted) > 0.001;
  if (wanted > 0 && differs && sample.now - smoothSince >= smoothFor) {
    effects.push({ type: 'set-target', seconds: wanted });
    return { model: { lateSince, smoothSince: sample.now }, effects };
  }
  return { model: { lateSince, smoothSince }, effects };
}
