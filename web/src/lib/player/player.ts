import type { CreateEngine, Engine, EngineSample, EngineSignal } from '@/lib/player/engine';
import { MetadataWatcher } from '@/lib/player/metadata-watcher';
import type { MetadataCue } from '@/lib/player/model/cues';
import { freshKeeper, keepLatency, type KeeperEffect, type LatencyMode } from '@/lib/player/model/latency-keeper';
import { idleModel, step, type PlayerEffect, type PlayerEvent, type PlayerState } from '@/lib/player/model/machine';
import type { Quality, QualityChoice } from '@/lib/player/model/quality';
import { playerSettings, type PlayerSettings } from '@/lib/player/settings';
import { beatUrl, createViewerId, startBeat, withViewer } from '@/lib/player/viewer-beat';
import { serverNow } from '@/lib/time/server-clock';

/** Changes only when something in it changed, so that a component can follow it. */
export interface PlayerSnapshot {
  readonly state: PlayerState;
  /** Seconds between the server's clock and the picture, to a tenth. */
  readonly delay: number | null;
  readonly volume: number;
  readonly muted: boolean;
  /** The browser refused to start with sound. */
  readonly needsTap: boolean;
  readonly qualities: readonly Quality[];
  readonly quality: QualityChoice;
  readonly playingQuality: number | null;
  readonly latencyMode: LatencyMode;
  /** Whether `-5 s` has somewhere to go. */
  readonly canSeek: boolean;
}

export interface PlayerStatistics {
  readonly sample: EngineSample | null;
  readonly delay: number | null;
  readonly width: number;
  readonly height: number;
  readonly decodedFrames: number;
  readonly droppedFrames: number;
  readonly codecs: string | null;
  readonly bitrate: number | null;
  readonly bandwidth: number | null;
  readonly buffer: number;
  readonly rate: number;
  readonly stalls: number;
  readonly lastError: string | null;
  readonly build: string;
}

export interface PlayerEvents {
  readonly cue: (cue: MetadataCue) => void;
  /** The stream ended though nobody said so before; its channel should be asked for again. */
  readonly ended: () => void;
  /** After drain(): the buffer is empty. */
  readonly drained: () => void;
  readonly denied: () => void;
}

type Handlers = { [K in keyof PlayerEvents]: Set<PlayerEvents[K]> };

const tickEvery = 250;
/** Seconds. */
const maxDateError = 3;

function isSame(one: PlayerSnapshot, other: PlayerSnapshot): boolean {
  return (Object.keys(one) as (keyof PlayerSnapshot)[]).every((key) => Object.is(one[key], other[key]));
}

function wantsLessData(): boolean {
  return 'connection' in navigator && (navigator.connection as { saveData?: boolean } | null)?.saveData === true;
}

/** Runs the reducers of `model/` against an element and an engine. One instance serves one element for its life. */
export class Player {
  readonly #video: HTMLVideoElement;
  readonly #createEngine: CreateEngine | null;
  readonly #viewerId = createViewerId();
  readonly #metadata: MetadataWatcher;
  readonly #listeners = new Set<() => void>();
  readonly #handlers: Handlers = { cue: new Set(), ended: new Set(), drained: new Set(), denied: new Set() };
  readonly #abort = new AbortController();
  #model = idleModel;
  #keeper = freshKeeper;
  #engine: Engine | null = null;
  #url: string | null = null;
  #timer: number | null = null;
  #stopBeat: (() => void) | null = null;
  #lastTime = 0;
  #stalls = 0;
  #lastError: string | null = null;
  #needsTap = false;
  #qualities: readonly Quality[] = [];
  #snapshot: PlayerSnapshot;

  /** Without an engine (nothing here can play) it fails as soon as it is asked to. */
  constructor(video: HTMLVideoElement, createEngine: CreateEngine | null) {
    this.#video = video;
    this.#createEngine = createEngine;
    this.#metadata = new MetadataWatcher(video, (cue) => {
      for (const handler of this.#handlers.cue) handler(cue);
    });
    const { volume, muted } = playerSettings.get();
    video.volume = volume;
    video.muted = muted;
    this.#snapshot = this.#read();
    this.#listen();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly getSnapshot = (): PlayerSnapshot => this.#snapshot;

  on<K extends keyof PlayerEvents>(event: K, handler: PlayerEvents[K]): () => void {
    const handlers: Set<PlayerEvents[K]> = this.#handlers[event];
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
    };
  }

  load(playbackUrl: string): void {
    this.#url = playbackUrl;
    this.#metadata.reset();
    this.#dispatch({ type: 'load', now: performance.now() });
  }

  play(): void {
    this.#dispatch({ type: 'play', now: performance.now() });
  }

  pause(): void {
    this.#dispatch({ type: 'pause', now: performance.now() });
  }

  goLive(): void {
    this.#dispatch({ type: 'go-live', now: performance.now() });
  }

  retryNow(): void {
    this.#dispatch({ type: 'retry-now', now: performance.now() });
  }

  /** The channel is offline: play what is buffered, then tell `drained`. */
  drain(): void {
    this.#dispatch({ type: 'drain' });
  }

  unload(): void {
    this.#dispatch({ type: 'unload' });
  }

  /** Within what is buffered; forward of the live position it becomes "go to live". */
  seekBy(seconds: number): void {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0) return;
    const sample = this.#engine?.sample();
    const ahead = sample?.latency == null || sample.target == null ? 0 : sample.latency - sample.target;
    if (seconds > 0 && seconds >= ahead) {
      this.goLive();
      return;
    }
    this.#video.currentTime = Math.max(buffered.start(0), currentTime + seconds);
    this.#lastTime = this.#video.currentTime;
    this.#dispatch({ type: 'seek-back', now: performance.now() });
  }

  /** 0 … 1. A volume above zero is meant to be heard. */
  setVolume(volume: number): void {
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.setMuted(this.#video.volume === 0);
  }

  setMuted(muted: boolean): void {
    this.#video.muted = muted;
    this.#needsTap = false;
    this.#remember({ volume: this.#video.volume, muted });
    this.#publish();
  }

  setQuality(quality: QualityChoice): void {
    this.#remember({ quality });
    this.#engine?.setQuality(quality);
    this.#publish();
  }

  setLatencyMode(latency: LatencyMode): void {
    this.#remember({ latency });
    this.#engine?.setLatencyMode(latency);
    const sample = this.#engine?.sample();
    const target = latency === 'low' && sample?.partHoldBack ? sample.partHoldBack : sample?.holdBack;
    if (target) this.#engine?.setTarget(target);
    this.goLive();
    this.#publish();
  }

  statistics(): PlayerStatistics {
    const quality = this.#video.getVideoPlaybackQuality();
    const details = this.#engine?.details();
    return {
      sample: this.#engine?.sample() ?? null,
      delay: this.#delay(this.#engine?.sample() ?? null),
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
      decodedFrames: quality.totalVideoFrames - quality.droppedVideoFrames,
      droppedFrames: quality.droppedVideoFrames,
      codecs: details?.codecs ?? null,
      bitrate: details?.bitrate ?? null,
      bandwidth: details?.bandwidth ?? null,
      buffer: this.#bufferAhead(),
      rate: this.#video.playbackRate,
      stalls: this.#stalls,
      lastError: this.#lastError,
      build: details?.build ?? '',
    };
  }

  destroy(): void {
    this.#dispatch({ type: 'unload' });
    this.#abort.abort();
    this.#metadata.destroy();
    this.#listeners.clear();
    for (const handlers of Object.values(this.#handlers)) handlers.clear();
  }

  #listen(): void {
    const { signal } = this.#abort;
    // The browser pauses too: media keys, the picture-in-picture window, a phone call.
    this.#video.addEventListener(
      'pause',
      () => {
        if (!this.#video.ended) this.pause();
      },
      { signal },
    );
    this.#video.addEventListener(
      'play',
      () => {
        this.play();
      },
      { signal },
    );
    this.#video.addEventListener(
      'ended',
      () => {
        this.#dispatch({ type: 'ended' });
      },
      { signal },
    );
    this.#video.addEventListener('volumechange', this.#publish, { signal });
    document.addEventListener('visibilitychange', this.#onVisible, { signal });
  }

  /** Hidden tabs are throttled; one that comes back late has nothing to gain from waiting two seconds more. */
  readonly #onVisible = () => {
    if (document.visibilityState !== 'visible' || this.#model.state.status !== 'playing') return;
    const sample = this.#engine?.sample();
    if (sample?.latency == null || sample.target === null) return;
    if (sample.latency - sample.target >= sample.targetDuration) this.#engine?.seekLive();
  };

  #dispatch(event: PlayerEvent): void {
    const before = this.#model;
    const { model, effects } = step(before, event);
    this.#model = model;
    if (model.state.status === 'stalled' && before.state.status !== 'stalled') this.#stalls += 1;
    if (model.behind !== before.behind) this.#engine?.setCatchUp(!model.behind);
    for (const effect of effects) this.#run(effect);
    this.#keepTicking();
    this.#publish();
  }

  #run(effect: PlayerEffect): void {
    switch (effect) {
      case 'open':
        this.#open();
        break;
      case 'close':
        this.#close();
        break;
      case 'play':
        void this.#start();
        break;
      case 'pause':
        this.#video.pause();
        break;
      case 'seek-live':
        this.#engine?.seekLive();
        break;
      case 'recover-media':
        this.#engine?.recoverMedia();
        break;
      case 'resume-loading':
        this.#engine?.resumeLoading();
        break;
      case 'report-ended':
        this.#tell('ended');
        break;
      case 'report-drained':
        this.#tell('drained');
        break;
      case 'report-denied':
        this.#tell('denied');
        break;
    }
  }

  #tell(event: 'ended' | 'drained' | 'denied'): void {
    for (const handler of this.#handlers[event]) handler();
  }

  #open(): void {
    if (this.#url === null) return;
    this.#engine?.destroy();
    if (!this.#createEngine) {
      this.#dispatch({ type: 'unsupported' });
      return;
    }
    const { latency, quality, bandwidth } = playerSettings.get();
    const engine = this.#createEngine(this.#video, {
      latency,
      quality,
      bandwidth,
      saveData: wantsLessData(),
      onSignal: (signal) => {
        // An engine that was replaced may still have something to say.
        if (this.#engine === engine) this.#onSignal(signal);
      },
    });
    this.#engine = engine;
    this.#keeper = freshKeeper;
    this.#qualities = [];
    this.#stopBeat ??= startBeat(beatUrl(this.#url, this.#viewerId));
    engine.open(withViewer(this.#url, this.#viewerId));
  }

  #close(): void {
    const bandwidth = this.#engine?.details().bandwidth;
    if (bandwidth) this.#remember({ bandwidth: Math.round(bandwidth) });
    this.#engine?.destroy();
    this.#engine = null;
    this.#qualities = [];
    this.#stopBeat?.();
    this.#stopBeat = null;
  }

  #onSignal(signal: EngineSignal): void {
    const now = performance.now();
    if ('detail' in signal) this.#lastError = signal.detail;
    switch (signal.type) {
      case 'ready':
        this.#qualities = this.#engine?.qualities ?? [];
        void this.#start();
        break;
      case 'manifest-missing':
        this.#dispatch({ type: 'manifest-missing', now });
        break;
      case 'denied':
        this.#dispatch({ type: 'denied' });
        break;
      case 'unsupported':
        this.#dispatch({ type: 'unsupported' });
        break;
      case 'fatal': {
        const playlistAge = this.#engine?.sample().playlistAge ?? null;
        this.#dispatch({ type: 'fatal', now, gone: signal.gone, playlistAge, random: Math.random() });
        break;
      }
      case 'trouble':
        break;
    }
  }

  /** With sound if the browser lets us; else muted, and the viewer is asked for a tap. */
  async #start(): Promise<void> {
    try {
      await this.#video.play();
    } catch (error) {
      // "AbortError": another load took over, which calls play() itself.
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      if (this.#video.muted) {
        this.pause();
        return;
      }
      this.#video.muted = true;
      this.#needsTap = true;
      this.#publish();
      await this.#start();
    }
  }

  #keepTicking(): void {
    const { status } = this.#model.state;
    const needed = status !== 'idle' && status !== 'failed';
    if (needed && this.#timer === null) {
      this.#timer = window.setInterval(this.#tick, tickEvery);
    } else if (!needed && this.#timer !== null) {
      window.clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  readonly #tick = () => {
    const now = performance.now();
    const { currentTime, paused, seeking, readyState } = this.#video;
    const progressed = currentTime !== this.#lastTime && !paused && !seeking && readyState >= 2;
    this.#lastTime = currentTime;
    const sample = this.#engine?.sample() ?? null;
    this.#dispatch({
      type: 'tick',
      now,
      progressed,
      bufferAhead: this.#bufferAhead(),
      playlistAge: sample?.playlistAge ?? null,
      random: Math.random(),
    });
    if (sample) this.#keepLatency(now, sample);
    this.#metadata.scan();
  };

  #keepLatency(now: number, sample: EngineSample): void {
    const playing = this.#model.state.status === 'playing';
    const { model, effects } = keepLatency(this.#keeper, {
      now,
      playing,
      mode: playerSettings.get().latency,
      latency: sample.latency,
      target: sample.target,
      targetDuration: sample.targetDuration,
      holdBack: sample.holdBack,
      partHoldBack: sample.partHoldBack,
    });
    this.#keeper = model;
    for (const effect of effects) this.#correct(effect);
  }

  #correct(effect: KeeperEffect): void {
    if (effect.type === 'seek-live') this.#engine?.seekLive();
    else this.#engine?.setTarget(effect.seconds);
  }

  #bufferAhead(): number {
    const { buffered, currentTime } = this.#video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (currentTime >= buffered.start(i) - 0.1 && currentTime <= buffered.end(i))
        return buffered.end(i) - currentTime;
    }
    return 0;
  }

  #delay(sample: EngineSample | null): number | null {
    if (!sample) return null;
    const { playheadDate, latency } = sample;
    const dated = playheadDate === null ? null : (serverNow() - playheadDate) / 1000;
    // The dates run with the encoder's clock. One that is slower than time itself falls behind without end, though
    // what is shown is what just came in.
    const isTrusted = dated !== null && (latency === null || Math.abs(dated - latency) < maxDateError);
    const seconds = isTrusted ? dated : latency;
    return seconds === null ? null : Math.max(0, Math.round(seconds * 10) / 10);
  }

  #remember(change: Partial<PlayerSettings>): void {
    playerSettings.set({ ...playerSettings.get(), ...change });
  }

  #read(): PlayerSnapshot {
    const { quality, latency } = playerSettings.get();
    const { status } = this.#model.state;
    const shows = status === 'playing' || status === 'behind' || status === 'paused' || status === 'stalled';
    return {
      state: this.#model.state,
      delay: shows ? this.#delay(this.#engine?.sample() ?? null) : null,
      volume: this.#video.volume,
      muted: this.#video.muted,
      needsTap: this.#needsTap,
      qualities: this.#qualities,
      quality,
      playingQuality: this.#engine?.playingQuality ?? null,
      latencyMode: latency,
      canSeek: this.#video.buffered.length > 0,
    };
  }

  readonly #publish = () => {
    const next = this.#read();
    if (isSame(this.#snapshot, next)) return;
    this.#snapshot = next;
    for (const listener of this.#listeners) listener();
  };
}
