import Hls, { ErrorDetails, Events, type ErrorData, type HlsConfig, type LevelDetails } from 'hls.js/light';
import workerUrl from 'hls.js/dist/hls.worker.js?url';
import { FirstCues } from '@/lib/player/first-cues';
import type { Engine, EngineDetails, EngineOptions, EngineSample, EngineSignal } from '@/lib/player/engine';
import type { LatencyMode } from '@/lib/player/model/latency-keeper';
import { matchQuality, type Quality, type QualityChoice } from '@/lib/player/model/quality';

const catchUpRate = 1.1;
const defaultBandwidth = 2_000_000;

/** What is not set here is left alone on purpose: liveSyncDuration* and liveMaxLatencyDuration* would replace PART-HOLD-BACK. */
export function hlsConfig(options: Pick<EngineOptions, 'latency' | 'bandwidth'>): Partial<HlsConfig> {
  return {
    lowLatencyMode: options.latency === 'low',
    maxLiveSyncPlaybackRate: catchUpRate,
    liveSyncOnStallIncrease: 0.25,
    liveDurationInfinity: true,
    backBufferLength: 30,
    maxBufferLength: 12,
    maxMaxBufferLength: 30,
    capLevelToPlayerSize: true,
    startLevel: -1,
    abrEwmaDefaultEstimate: options.bandwidth ?? defaultBandwidth,
    enableWorker: true,
    workerPath: workerUrl,
    preferManagedMediaSource: false,
    enableEmsgMetadataCues: true,
    enableID3MetadataCues: true,
  };
}

const manifestDetails: readonly string[] = [
  ErrorDetails.MANIFEST_LOAD_ERROR,
  ErrorDetails.MANIFEST_LOAD_TIMEOUT,
  ErrorDetails.MANIFEST_PARSING_ERROR,
];

const codecDetails: readonly string[] = [
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_ADD_CODEC_ERROR,
  ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
];

/** hls.js tells every mishap as one kind of error; this is what it means for us. */
export function readError(data: Pick<ErrorData, 'details' | 'fatal' | 'response'>): EngineSignal {
  const code = data.response?.code ?? 0;
  const detail = code > 0 ? `${data.details} (${String(code)})` : data.details;
  if (code === 401 || code === 403) return { type: 'denied' };
  if (!data.fatal) return { type: 'trouble', detail };
  if (codecDetails.includes(data.details)) return { type: 'unsupported', detail };
  const isManifest = manifestDetails.includes(data.details);
  if (isManifest && code === 404) return { type: 'manifest-missing' };
  return { type: 'fatal', gone: !isManifest && (code === 404 || code === 410), detail };
}

export class HlsEngine implements Engine {
  readonly #hls: Hls;
  readonly #video: HTMLVideoElement;
  readonly #options: EngineOptions;
  #grownAt: number | null = null;
  #choice: QualityChoice;

  constructor(video: HTMLVideoElement, options: EngineOptions) {
    this.#video = video;
    this.#options = options;
    this.#choice = options.quality;
    this.#hls = new Hls(hlsConfig(options));
    this.#hls.on(Events.MANIFEST_PARSED, () => {
      this.#applyQuality(true);
      options.onSignal({ type: 'ready' });
    });
    this.#hls.on(Events.LEVEL_UPDATED, (_event, { details }) => {
      if (details.advanced || this.#grownAt === null) this.#grownAt = performance.now();
    });
    this.#hls.on(Events.FRAG_PARSING_METADATA, new FirstCues(video).keep);
    this.#hls.on(Events.ERROR, (_event, data) => {
      options.onSignal(readError(data));
    });
  }

  get qualities(): readonly Quality[] {
    return this.#hls.levels.map(({ height, frameRate, bitrate }) => ({ height, frameRate, bitrate }));
  }

  get playingQuality(): number | null {
    const { currentLevel } = this.#hls;
    return currentLevel >= 0 ? currentLevel : null;
  }

  open(url: string): void {
    this.#hls.attachMedia(this.#video);
    this.#hls.loadSource(url);
  }

  sample(): EngineSample {
    const hls = this.#hls;
    const details: LevelDetails | null = hls.latestLevelDetails;
    return {
      latency: details ? hls.latency : null,
      target: hls.targetLatency,
      targetDuration: details?.targetduration ?? 2,
      holdBack: details?.holdBack ?? 0,
      partHoldBack: details?.partHoldBack ?? 0,
      partTarget: details?.partTarget ?? 0,
      playlistAge: this.#grownAt === null ? null : performance.now() - this.#grownAt,
      playheadDate: hls.playingDate?.getTime() ?? null,
    };
  }

  details(): EngineDetails {
    const level = this.#hls.levels[this.#hls.currentLevel];
    const codecs = [level?.videoCodec, level?.audioCodec].filter((codec) => codec !== undefined);
    const { bandwidthEstimate } = this.#hls;
    return {
      codecs: codecs.length > 0 ? codecs.join(', ') : null,
      bitrate: level?.bitrate ?? null,
      bandwidth: Number.isFinite(bandwidthEstimate) ? bandwidthEstimate : null,
      build: `hls.js ${Hls.version} light`,
    };
  }

  seekLive(): void {
    const position = this.#hls.liveSyncPosition;
    if (position !== null && Number.isFinite(position)) this.#video.currentTime = position;
  }

  recoverMedia(): void {
    this.#hls.recoverMediaError();
  }

  resumeLoading(): void {
    this.#hls.startLoad();
  }

  setTarget(seconds: number): void {
    this.#hls.targetLatency = seconds;
  }

  setCatchUp(on: boolean): void {
    this.#hls.config.maxLiveSyncPlaybackRate = on ? catchUpRate : 1;
    if (!on) this.#video.playbackRate = 1;
  }

  setLatencyMode(mode: LatencyMode): void {
    this.#hls.lowLatencyMode = mode === 'low';
  }

  setQuality(choice: QualityChoice): void {
    this.#choice = choice;
    this.#applyQuality(false);
  }

  destroy(): void {
    this.#hls.destroy();
  }

  #applyQuality(isStart: boolean): void {
    const { qualities } = this;
    if (this.#choice === 'auto') {
      if (!isStart) this.#hls.nextLevel = -1;
      else if (this.#options.saveData) this.#hls.startLevel = matchQuality(qualities, 480);
      return;
    }
    const level = matchQuality(qualities, this.#choice);
    if (isStart) this.#hls.startLevel = level;
    this.#hls.nextLevel = level;
  }
}

export function canUseHls(): boolean {
  return Hls.isSupported();
}
