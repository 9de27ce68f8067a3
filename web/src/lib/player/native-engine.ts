import type { Engine, EngineDetails, EngineOptions, EngineSample } from '@/lib/player/engine';

const holdBack = 2;
const tooLate = 10;

/** The browser's own HLS, for iPhones without ManagedMediaSource: it decides about renditions and delay itself. */
export class NativeEngine implements Engine {
  readonly qualities = [];
  readonly playingQuality = null;
  readonly #video: HTMLVideoElement;
  readonly #options: EngineOptions;
  #url = '';
  #edge = 0;
  #grownAt: number | null = null;

  constructor(video: HTMLVideoElement, options: EngineOptions) {
    this.#video = video;
    this.#options = options;
    video.addEventListener('loadedmetadata', this.#onMetadata);
    video.addEventListener('error', this.#onError);
  }

  open(url: string): void {
    this.#url = url;
    this.#video.src = url;
    this.#video.load();
  }

  sample(): EngineSample {
    const end = this.#seekableEnd();
    if (end > this.#edge) {
      this.#edge = end;
      this.#grownAt = performance.now();
    }
    const latency = end > 0 ? Math.max(0, end - this.#video.currentTime) : null;
    return {
      latency,
      // Only a delay of more than ten seconds is ours to correct.
      target: latency === null ? null : holdBack,
      targetDuration: tooLate - holdBack,
      holdBack,
      partHoldBack: 0,
      partTarget: 0,
      playlistAge: this.#grownAt === null ? null : performance.now() - this.#grownAt,
      playheadDate: this.#playheadDate(),
    };
  }

  details(): EngineDetails {
    return { codecs: null, bitrate: null, bandwidth: null, build: 'native HLS' };
  }

  seekLive(): void {
    const end = this.#seekableEnd();
    if (end > holdBack) this.#video.currentTime = end - holdBack;
  }

  recoverMedia(): void {
    this.open(this.#url);
    this.#options.onSignal({ type: 'ready' });
  }

  resumeLoading(): void {
    this.recoverMedia();
  }

  setTarget(): void {}
  setCatchUp(): void {}
  setLatencyMode(): void {}
  setQuality(): void {}

  destroy(): void {
    this.#video.removeEventListener('loadedmetadata', this.#onMetadata);
    this.#video.removeEventListener('error', this.#onError);
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  readonly #onMetadata = () => {
    this.#options.onSignal({ type: 'ready' });
  };

  readonly #onError = () => {
    const { error } = this.#video;
    if (!error) return;
    const detail = `native error ${String(error.code)}`;
    // An element does not tell a 404 from a bad file, so a stream that never began counts as not yet there.
    const neverBegan = this.#grownAt === null && error.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    this.#options.onSignal(neverBegan ? { type: 'manifest-missing' } : { type: 'fatal', gone: false, detail });
  };

  #seekableEnd(): number {
    const { seekable } = this.#video;
    return seekable.length > 0 ? seekable.end(seekable.length - 1) : 0;
  }

  #playheadDate(): number | null {
    const video: HTMLVideoElement & { getStartDate?: () => Date } = this.#video;
    const start = video.getStartDate?.().getTime() ?? NaN;
    return Number.isNaN(start) ? null : start + this.#video.currentTime * 1000;
  }
}

export function canUseNative(video: HTMLVideoElement): boolean {
  return video.canPlayType('application/vnd.apple.mpegurl') !== '';
}
