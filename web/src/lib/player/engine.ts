import type { LatencyMode } from '@/lib/player/model/latency-keeper';
import type { Quality, QualityChoice } from '@/lib/player/model/quality';

/** What an engine tells of its own accord. */
export type EngineSignal =
  /** Attached and parsed: play() may be called. */
  | { readonly type: 'ready' }
  | { readonly type: 'manifest-missing' }
  | { readonly type: 'denied' }
  | { readonly type: 'unsupported'; readonly detail: string }
  | { readonly type: 'fatal'; readonly gone: boolean; readonly detail: string }
  /** Trouble the engine got over by itself. */
  | { readonly type: 'trouble'; readonly detail: string };

/** How playback stands, asked four times a second. Seconds, but `playlistAge` and `playheadDate` (milliseconds). */
export interface EngineSample {
  readonly latency: number | null;
  readonly target: number | null;
  readonly targetDuration: number;
  readonly holdBack: number;
  readonly partHoldBack: number;
  readonly partTarget: number;
  readonly playlistAge: number | null;
  /** Wall-clock time of the frame that is shown. */
  readonly playheadDate: number | null;
}

export interface EngineDetails {
  readonly codecs: string | null;
  readonly bitrate: number | null;
  readonly bandwidth: number | null;
  readonly build: string;
}

/** Plays one address in one element. A rebuild is a new engine: nothing is ever reset in place. */
export interface Engine {
  readonly qualities: readonly Quality[];
  /** Index into `qualities` of what is on screen. */
  readonly playingQuality: number | null;
  open(url: string): void;
  sample(): EngineSample;
  details(): EngineDetails;
  seekLive(): void;
  recoverMedia(): void;
  resumeLoading(): void;
  setTarget(seconds: number): void;
  /** With a delay that the viewer chose, nothing may hurry. */
  setCatchUp(on: boolean): void;
  setLatencyMode(mode: LatencyMode): void;
  setQuality(choice: QualityChoice): void;
  destroy(): void;
}

export interface EngineOptions {
  readonly latency: LatencyMode;
  readonly quality: QualityChoice;
  /** Bits per second, from the last time. */
  readonly bandwidth: number | null;
  readonly saveData: boolean;
  readonly onSignal: (signal: EngineSignal) => void;
}

export type CreateEngine = (video: HTMLVideoElement, options: EngineOptions) => Engine;
