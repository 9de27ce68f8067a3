import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { CreateEngine, Engine, EngineOptions, EngineSample } from '@/lib/player/engine';
import { Player } from '@/lib/player/player';
import { playerSettings } from '@/lib/player/settings';

class FakeEngine implements Engine {
  static all: FakeEngine[] = [];
  qualities = [{ height: 720, frameRate: 30, bitrate: 2e6 }];
  playingQuality = 0;
  url = '';
  destroyed = false;
  calls: string[] = [];
  state: EngineSample = {
    latency: 1.1,
    target: 1.014,
    targetDuration: 2,
    holdBack: 6,
    partHoldBack: 1.014,
    partTarget: 0.338,
    playlistAge: 100,
    playheadDate: null,
  };

  constructor(readonly options: EngineOptions) {
    FakeEngine.all.push(this);
  }

  open(url: string) {
    this.url = url;
  }
  sample = () => this.state;
  details = () => ({ codecs: 'avc1', bitrate: 2e6, bandwidth: 3_000_000.4, build: 'fake' });
  seekLive = () => this.calls.push('seekLive');
  recoverMedia = () => this.calls.push('recoverMedia');
  resumeLoading = () => this.calls.push('resumeLoading');
  setTarget = (seconds: number) => this.calls.push(`setTarget ${String(seconds)}`);
  setCatchUp = (on: boolean) => this.calls.push(`setCatchUp ${String(on)}`);
  setLatencyMode = (mode: string) => this.calls.push(`setLatencyMode ${mode}`);
  setQuality = (choice: number | string) => this.calls.push(`setQuality ${String(choice)}`);
  destroy() {
    this.destroyed = true;
  }
}

const createEngine: CreateEngine = (_video, options) => new FakeEngine(options);
const newest = () => {
  const engine = FakeEngine.all.at(-1);
  if (!engine) throw new Error('no engine was made');
  return engine;
};

/** An element whose clock the test turns. */
function createVideo(play: () => Promise<void> = () => Promise.resolve()) {
  const video = document.createElement('video');
  const value = { key: 'TXXX', info: 'metadata.live-video.net', data: 'hello' };
  const track = Object.assign(new EventTarget(), { kind: 'metadata', mode: 'hidden', cues: [{ startTime: 0, value }] });
  let time = 0;
  let paused = true;
  Object.defineProperties(video, {
    currentTime: { get: () => time, set: (value: number) => (time = value) },
    paused: { get: () => paused },
    seeking: { value: false, writable: true },
    readyState: { value: 4, writable: true },
    ended: { value: false, writable: true },
    buffered: { get: () => ({ length: 1, start: () => 0, end: () => time + 2 }) },
    getVideoPlaybackQuality: { value: () => ({ totalVideoFrames: 100, droppedVideoFrames: 3 }) },
    textTracks: { value: Object.assign(new EventTarget(), { [Symbol.iterator]: () => [track][Symbol.iterator]() }) },
  });
  video.play = vi.fn(async () => {
    await play();
    paused = false;
  });
  video.pause = vi.fn(() => (paused = true));
  return video;
}

async function run(video: HTMLVideoElement, milliseconds: number, moving = true) {
  for (let passed = 0; passed < milliseconds; passed += 250) {
    if (moving) video.currentTime += 0.25;
    await vi.advanceTimersByTimeAsync(250);
  }
}

async function playing() {
  const video = createVideo();
  const player = new Player(video, createEngine);
  player.load('http://host/live/abc/master.m3u8');
  newest().options.onSignal({ type: 'ready' });
  await run(video, 500);
  return { video, player, engine: newest() };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeEngine.all = [];
  playerSettings.set({ volume: 1, muted: false, latency: 'low', quality: 'auto', bandwidth: null });
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve(new Response(null, { status: 204 }))),
  );
});

describe('playback', () => {
  test('opens the master with a viewer id and beats every 10 s with the same', async () => {
    const { video, engine } = await playing();
    const id = new URL(engine.url).searchParams.get('vid');
    expect(engine.url).toMatch(/^http:\/\/host\/live\/abc\/master\.m3u8\?vid=[A-Za-z0-9_-]{22}$/);
    await run(video, 20_000);
    const beats = vi.mocked(fetch).mock.calls.map(([url]) => url);
    // Another engine is the same viewer.
    engine.options.onSignal({ type: 'fatal', gone: true, detail: '' });
    await run(video, 12_000);
    beats.push(
      ...vi
        .mocked(fetch)
        .mock.calls.slice(beats.length)
        .map(([url]) => url),
    );
    expect(beats).toEqual(Array(3).fill(`http://host/live/abc/beat?vid=${id ?? ''}`));
  });

  test('tells of a snapshot only when something in it changed', async () => {
    const { video, player } = await playing();
    const listener = vi.fn();
    player.subscribe(listener);
    await run(video, 2000);
    expect(listener).not.toHaveBeenCalled();
    expect(player.getSnapshot()).toMatchObject({
      state: { status: 'playing' },
      delay: 1.1,
      qualities: [{ height: 720 }],
    });
  });

  test('shows the wall-clock delay of the picture where the stream tells it', async () => {
    const { video, player, engine } = await playing();
    engine.state = { ...engine.state, playheadDate: Date.now() - 1300 };
    await run(video, 250);
    expect(player.getSnapshot().delay).toBeCloseTo(1.5, 0);
    // An encoder slower than time: its dates say nothing any more.
    engine.state = { ...engine.state, playheadDate: Date.now() - 30_000 };
    await run(video, 250);
    expect(player.getSnapshot().delay).toBe(1.1);
  });

  test('a rebuild is another engine; the old one is heard no more', async () => {
    const { video, player, engine } = await playing();
    engine.options.onSignal({ type: 'fatal', gone: true, detail: 'levelLoadError (404)' });
    expect(player.getSnapshot().state.status).toBe('recovering');
    await run(video, 1500, false);
    expect(engine.destroyed).toBe(true);
    expect(newest()).not.toBe(engine);
    engine.options.onSignal({ type: 'denied' });
    expect(player.getSnapshot().state.status).toBe('recovering');
    expect(player.statistics()).toMatchObject({
      lastError: 'levelLoadError (404)',
      decodedFrames: 97,
      droppedFrames: 3,
    });
  });

  test('too much delay: the keeper seeks; behind by choice: it does not, and nothing hurries', async () => {
    const { video, player, engine } = await playing();
    engine.state = { ...engine.state, latency: 8 };
    await run(video, 2500);
    expect(engine.calls).toEqual(['seekLive']);
    player.seekBy(-5);
    await run(video, 5000);
    expect(engine.calls).toEqual(['seekLive', 'setCatchUp false']);
    player.goLive();
    expect(engine.calls).toEqual(['seekLive', 'setCatchUp false', 'setCatchUp true', 'seekLive']);
  });

  test('seeking forward over the live position is "go to live"', async () => {
    const { player, engine } = await playing();
    player.seekBy(5);
    expect(engine.calls).toEqual(['seekLive']);
    expect(player.getSnapshot().state.status).toBe('playing');
  });

  test('jumping and waiting for data are no playback', async () => {
    for (const state of [{ seeking: true }, { readyState: 1 }]) {
      const { video, player } = await playing();
      Object.assign(video, state);
      await run(video, 750);
      expect(player.getSnapshot().state.status).toBe('stalled');
    }
  });

  test('the browser pauses: so does the player; the pause of an end is none', async () => {
    const { video, player } = await playing();
    Object.assign(video, { ended: true });
    video.dispatchEvent(new Event('pause'));
    expect(player.getSnapshot().state.status).toBe('playing');
    Object.assign(video, { ended: false });
    video.dispatchEvent(new Event('pause'));
    expect(player.getSnapshot().state.status).toBe('paused');
    video.dispatchEvent(new Event('play'));
    expect(player.getSnapshot().state.status).toBe('playing');
  });

  test('each event is told once a stream', async () => {
    const { video, player } = await playing();
    const cue = vi.fn();
    player.on('cue', cue);
    player.load('http://host/live/abc/master.m3u8');
    await run(video, 1000);
    expect(cue).toHaveBeenCalledExactlyOnceWith({ origin: 'server', text: 'hello', time: 0 });
  });

  test('the end is told: announced and not', async () => {
    const one = await playing();
    const ended = vi.fn();
    one.player.on('ended', ended);
    one.video.dispatchEvent(new Event('ended'));
    expect(ended).toHaveBeenCalledOnce();
    const other = await playing();
    const drained = vi.fn();
    other.player.on('drained', drained);
    other.player.drain();
    await run(other.video, 1500, false);
    expect(drained).toHaveBeenCalledOnce();
    expect(other.engine.destroyed).toBe(true);
  });

  test('where nothing can play it fails with the reason', () => {
    const player = new Player(createVideo(), null);
    player.load('http://host/live/abc/master.m3u8');
    expect(player.getSnapshot().state).toEqual({ status: 'failed', reason: 'unsupported' });
  });
});

describe('sound', () => {
  const refusing = (allowMuted: boolean) => {
    const video: HTMLVideoElement = createVideo(() =>
      video.muted && allowMuted ? Promise.resolve() : Promise.reject(new DOMException('no gesture', 'NotAllowedError')),
    );
    const player = new Player(video, createEngine);
    player.load('http://host/live/abc/master.m3u8');
    newest().options.onSignal({ type: 'ready' });
    return { video, player };
  };

  test('a browser that refuses sound gets none, until the tap', async () => {
    const { video, player } = refusing(true);
    await run(video, 500);
    expect(player.getSnapshot()).toMatchObject({ muted: true, needsTap: true, state: { status: 'playing' } });
    // It was the browser's wish, not the viewer's.
    expect(playerSettings.get().muted).toBe(false);
    player.setMuted(false);
    expect(player.getSnapshot()).toMatchObject({ muted: false, needsTap: false });
  });

  test('volume and mute are remembered; a volume is meant to be heard', async () => {
    const { player } = await playing();
    player.setMuted(true);
    expect(playerSettings.get()).toMatchObject({ muted: true, volume: 1 });
    player.setVolume(0.4);
    expect(playerSettings.get()).toMatchObject({ muted: false, volume: 0.4 });
    player.setVolume(-1);
    expect(playerSettings.get()).toMatchObject({ muted: true, volume: 0 });
    const again = new Player(createVideo(), createEngine);
    expect(again.getSnapshot()).toMatchObject({ muted: true, volume: 0 });
  });
});

test('a change of latency takes effect at once, and is remembered', async () => {
  const { player, engine } = await playing();
  player.setLatencyMode('stable');
  expect(engine.calls).toEqual(['setLatencyMode stable', 'setTarget 6', 'seekLive']);
  expect(player.getSnapshot().latencyMode).toBe('stable');
  player.setLatencyMode('low');
  expect(engine.calls.slice(3)).toEqual(['setLatencyMode low', 'setTarget 1.014', 'seekLive']);
});

test('bandwidth is remembered for the next start', async () => {
  const { player } = await playing();
  player.unload();
  expect(playerSettings.get().bandwidth).toBe(3_000_000);
});

test('50 times made and destroyed leave no timer, engine or listener', async () => {
  const added = vi.spyOn(EventTarget.prototype, 'addEventListener');
  const signals = new Set<AbortSignal>();
  for (let i = 0; i < 50; i += 1) {
    const { player } = await playing();
    player.destroy();
  }
  for (const [, , options] of added.mock.calls) {
    if (typeof options === 'object' && options.signal) signals.add(options.signal);
  }
  expect(vi.getTimerCount()).toBe(0);
  expect(FakeEngine.all).toHaveLength(50);
  expect(FakeEngine.all.every(({ destroyed }) => destroyed)).toBe(true);
  expect(signals.size).toBe(50);
  expect([...signals].every(({ aborted }) => aborted)).toBe(true);
});
