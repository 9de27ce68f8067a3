/**
 * What the player is doing, as a pure reducer: events and the clock in, the next model and a list of things to
 * do out. Progress is judged by the playhead (four ticks a second), not by the element's own `waiting`, which
 * browsers send at different moments.
 */

export type PlayerState =
  | { readonly status: 'idle' }
  /** `starting`: the channel is live, its playlist is not there yet. */
  | { readonly status: 'loading'; readonly since: number; readonly starting: boolean; readonly retryAt: number | null }
  | { readonly status: 'playing' }
  /** `source`: the encoder sends nothing, so nothing here can help. */
  | { readonly status: 'stalled'; readonly since: number; readonly cause: 'network' | 'source' }
  | { readonly status: 'recovering'; readonly attempt: number; readonly since: number; readonly retryAt: number | null }
  | { readonly status: 'failed'; readonly reason: 'denied' | 'unsupported' }
  /** `broken`: what was loading failed meanwhile; it is opened again when the viewer wants to go on. */
  | { readonly status: 'paused'; readonly since: number; readonly broken: boolean }
  /** Playing with a delay that the viewer chose. */
  | { readonly status: 'behind' }
  /** The stream is over; what is buffered plays out. */
  | { readonly status: 'draining' };

/** The steps of the ladder that were taken in this stall. */
type Rung = 0 | 1 | 2;

export interface PlayerModel {
  readonly state: PlayerState;
  /** When the playhead last moved. */
  readonly progressAt: number;
  readonly behind: boolean;
  readonly rung: Rung;
  /** Rebuilds since the last long stretch of good playback. */
  readonly rebuilds: number;
  readonly healthySince: number | null;
  readonly resumes: number;
}

export interface Tick {
  readonly type: 'tick';
  readonly now: number;
  readonly progressed: boolean;
  /** Seconds of media ahead of the playhead. */
  readonly bufferAhead: number;
  /** Milliseconds since the playlist last grew; null before the first playlist. */
  readonly playlistAge: number | null;
  /** 0 … 1, for jitter. */
  readonly random: number;
}

/** What the viewer does. */
interface ViewerEvent {
  readonly type: 'pause' | 'play' | 'seek-back' | 'go-live' | 'retry-now';
  readonly now: number;
}

const viewerEvents: readonly PlayerEvent['type'][] = ['pause', 'play', 'seek-back', 'go-live', 'retry-now'];

export type PlayerEvent =
  | Tick
  | { readonly type: 'load'; readonly now: number }
  | { readonly type: 'manifest-missing'; readonly now: number }
  | { readonly type: 'denied' }
  | { readonly type: 'unsupported' }
  /** `gone`: the address itself answers 404, so asking again is of no use. */
  | {
      readonly type: 'fatal';
      readonly now: number;
      readonly gone: boolean;
      readonly playlistAge: number | null;
      readonly random: number;
    }
  | ViewerEvent
  | { readonly type: 'drain' }
  | { readonly type: 'ended' }
  | { readonly type: 'unload' };

export type PlayerEffect =
  /** Take down what plays and open the stream again. */
  | 'open'
  | 'close'
  | 'play'
  | 'pause'
  | 'seek-live'
  | 'recover-media'
  /** Ask for the same playlist again. */
  | 'resume-loading'
  | 'report-ended'
  | 'report-drained'
  | 'report-denied';

export interface Step {
  readonly model: PlayerModel;
  readonly effects: readonly PlayerEffect[];
}

const stallAfter = 300;
const sourceStoppedAfter = 4000;
const seekAfter = 4000;
const recoverAfter = 8000;
const rebuildAfter = 15_000;
const startingFor = 60_000;
const startingRetry = 1000;
const healthyAfter = 30_000;
const liveAfterPause = 10_000;
const behindAfterPause = 2000;
const drainedAfter = 1000;
const backOff = [1000, 2000, 4000, 8000, 15_000, 30_000] as const;

export const idleModel: PlayerModel = {
  state: { status: 'idle' },
  progressAt: 0,
  behind: false,
  rung: 0,
  rebuilds: 0,
  healthySince: null,
  resumes: 0,
};

/** The wait before the n-th rebuild (from 1), with jitter so that viewers of a restarted server spread out. */
export function rebuildDelay(attempt: number, random: number): number {
  const base = backOff[Math.min(attempt, backOff.length) - 1] ?? backOff[0];
  return Math.round(base * (0.75 + random * 0.5));
}

function stay(model: PlayerModel): Step {
  return { model, effects: [] };
}

function move(model: PlayerModel, state: PlayerState, ...effects: readonly PlayerEffect[]): Step {
  return { model: { ...model, state }, effects };
}

function opening(now: number, starting: boolean): PlayerState {
  return { status: 'loading', since: now, starting, retryAt: null };
}

function scheduleRebuild(model: PlayerModel, now: number, random: number): Step {
  const attempt = model.rebuilds + 1;
  const next: PlayerModel = { ...model, behind: false, rebuilds: attempt, resumes: 0, healthySince: null };
  return move(next, { status: 'recovering', attempt, since: now, retryAt: now + rebuildDelay(attempt, random) });
}

function playing(model: PlayerModel): PlayerState {
  return { status: model.behind ? 'behind' : 'playing' };
}

function onProgress(model: PlayerModel, now: number): Step {
  const healthySince = model.healthySince ?? now;
  const healthy = now - healthySince >= healthyAfter;
  const next: PlayerModel = {
    ...model,
    progressAt: now,
    healthySince,
    rung: 0,
    resumes: 0,
    rebuilds: healthy ? 0 : model.rebuilds,
  };
  const { status } = model.state;
  // The very object is kept while nothing changes, so that whoever watches the state is not told in vain.
  if (status === 'playing' || status === 'behind') return stay(next);
  return move(next, playing(next));
}

function isSourceStopped(playlistAge: number | null): boolean {
  return playlistAge !== null && playlistAge >= sourceStoppedAfter;
}

function climb(model: PlayerModel, since: number, tick: Tick): Step {
  const waited = tick.now - since;
  if (waited >= rebuildAfter) return scheduleRebuild(model, tick.now, tick.random);
  if (waited >= recoverAfter && model.rung < 2) return { model: { ...model, rung: 2 }, effects: ['recover-media'] };
  if (waited >= seekAfter && tick.bufferAhead > 0.1 && model.rung < 1) {
    return { model: { ...model, rung: 1 }, effects: ['seek-live'] };
  }
  return stay(model);
}

function onStalledTick(model: PlayerModel, tick: Tick): Step {
  const { state } = model;
  if (state.status !== 'stalled') return stay(model);
  if (isSourceStopped(tick.playlistAge)) {
    return state.cause === 'source' ? stay(model) : move(model, { ...state, cause: 'source' });
  }
  // The ladder's clock starts when the source is there again, not when the picture stopped.
  if (state.cause === 'source') return move(model, { status: 'stalled', since: tick.now, cause: 'network' });
  return climb(model, state.since, tick);
}

function onLoadingTick(model: PlayerModel, tick: Tick): Step {
  const { state } = model;
  if (state.status !== 'loading') return stay(model);
  if (state.retryAt !== null) {
    return tick.now >= state.retryAt ? move(model, { ...state, retryAt: null }, 'open') : stay(model);
  }
  // A first load has no buffer to seek in: it only ever starts over.
  const slow = tick.now - state.since >= (state.starting ? startingFor : rebuildAfter);
  return slow ? scheduleRebuild(model, tick.now, tick.random) : stay(model);
}

function onRecoveringTick(model: PlayerModel, tick: Tick): Step {
  const { state } = model;
  if (state.status !== 'recovering') return stay(model);
  if (state.retryAt !== null) {
    return tick.now >= state.retryAt ? move(model, { ...state, since: tick.now, retryAt: null }, 'open') : stay(model);
  }
  return tick.now - state.since >= rebuildAfter ? scheduleRebuild(model, tick.now, tick.random) : stay(model);
}

function onDrainingTick(model: PlayerModel, tick: Tick): Step {
  const dry = tick.bufferAhead < 0.1 || tick.now - model.progressAt >= drainedAfter;
  return dry ? move(model, { status: 'idle' }, 'close', 'report-drained') : stay(model);
}

function onTick(model: PlayerModel, tick: Tick): Step {
  const { status } = model.state;
  if (status === 'idle' || status === 'failed' || status === 'paused') return stay(model);
  if (tick.progressed) {
    if (status === 'draining') return stay({ ...model, progressAt: tick.now });
    return onProgress(model, tick.now);
  }
  if (status === 'loading') return onLoadingTick(model, tick);
  if (status === 'recovering') return onRecoveringTick(model, tick);
  if (status === 'draining') return onDrainingTick(model, tick);
  if (status === 'stalled') return onStalledTick(model, tick);
  if (tick.now - model.progressAt < stallAfter) return stay(model);
  const cause = isSourceStopped(tick.playlistAge) ? 'source' : 'network';
  return move({ ...model, healthySince: null, rung: 0 }, { status: 'stalled', since: model.progressAt, cause });
}

function onManifestMissing(model: PlayerModel, now: number): Step {
  const { state } = model;
  const since = state.status === 'loading' ? state.since : now;
  if (now - since >= startingFor) return scheduleRebuild(model, now, 0.5);
  return move(model, { status: 'loading', since, starting: true, retryAt: now + startingRetry });
}

function onFatal(model: PlayerModel, event: PlayerEvent & { type: 'fatal' }): Step {
  const { state } = model;
  if (state.status === 'draining') return move(model, { status: 'idle' }, 'close', 'report-drained');
  // While the encoder is away the server answers 503 for as long as it keeps the session. Opening the stream
  // anew would show its last second again, so the same playlist is asked for.
  const plays = state.status === 'playing' || state.status === 'behind' || state.status === 'stalled';
  const waiting = plays && isSourceStopped(event.playlistAge);
  if (waiting && !event.gone && model.resumes < 10) {
    return { model: { ...model, resumes: model.resumes + 1 }, effects: ['resume-loading'] };
  }
  if (state.status === 'paused') return move(model, { ...state, broken: true });
  return scheduleRebuild(model, event.now, event.random);
}

function onPlay(model: PlayerModel, now: number): Step {
  const { state } = model;
  if (state.status !== 'paused') return stay(model);
  if (state.broken) return move({ ...model, behind: false }, opening(now, false), 'open');
  const paused = now - state.since;
  const fresh: PlayerModel = { ...model, progressAt: now };
  if (paused > liveAfterPause) return move({ ...fresh, behind: false }, { status: 'playing' }, 'seek-live', 'play');
  const next: PlayerModel = { ...fresh, behind: model.behind || paused >= behindAfterPause };
  return move(next, playing(next), 'play');
}

function onGoLive(model: PlayerModel, now: number): Step {
  const next: PlayerModel = { ...model, behind: false, progressAt: now };
  const { state } = model;
  const { status } = state;
  if (status === 'paused' && state.broken) return move(next, opening(now, false), 'open');
  if (status === 'paused') return move(next, { status: 'playing' }, 'seek-live', 'play');
  if (status === 'playing' || status === 'behind') return move(next, { status: 'playing' }, 'seek-live');
  return stay(model);
}

function onRetryNow(model: PlayerModel, now: number): Step {
  const { state } = model;
  const waits = (state.status === 'recovering' || state.status === 'loading') && state.retryAt !== null;
  return waits ? move(model, { ...state, since: now, retryAt: null }, 'open') : stay(model);
}

function isActive({ state: { status } }: PlayerModel): boolean {
  return status !== 'idle' && status !== 'failed';
}

function onDrain(model: PlayerModel): Step {
  const { status } = model.state;
  if (!isActive(model) || status === 'draining') return stay(model);
  const hasPicture = status === 'playing' || status === 'behind' || status === 'stalled';
  return hasPicture ? move(model, { status: 'draining' }) : move(model, { status: 'idle' }, 'close', 'report-drained');
}

function onEnded(model: PlayerModel): Step {
  if (model.state.status === 'draining') return move(model, { status: 'idle' }, 'close', 'report-drained');
  return isActive(model) ? move(model, { status: 'idle' }, 'close', 'report-ended') : stay(model);
}

/** Whether the viewer can pause: there is something that plays or is about to. */
function onPause(model: PlayerModel, now: number): Step {
  const { status } = model.state;
  const canPause = status === 'playing' || status === 'behind' || status === 'stalled';
  return canPause ? move(model, { status: 'paused', since: now, broken: false }, 'pause') : stay(model);
}

function onViewer(model: PlayerModel, event: ViewerEvent): Step {
  switch (event.type) {
    case 'pause':
      return onPause(model, event.now);
    case 'play':
      return onPlay(model, event.now);
    case 'seek-back':
      return model.state.status === 'playing' ? move({ ...model, behind: true }, { status: 'behind' }) : stay(model);
    case 'go-live':
      return onGoLive(model, event.now);
    case 'retry-now':
      return onRetryNow(model, event.now);
  }
}

function isViewerEvent(event: PlayerEvent): event is ViewerEvent {
  return viewerEvents.includes(event.type);
}

export function step(model: PlayerModel, event: PlayerEvent): Step {
  if (event.type === 'load') {
    return { model: { ...idleModel, state: opening(event.now, false), progressAt: event.now }, effects: ['open'] };
  }
  if (event.type === 'unload') return { model: idleModel, effects: ['close'] };
  if (!isActive(model)) return stay(model);
  if (isViewerEvent(event)) return onViewer(model, event);
  switch (event.type) {
    case 'tick':
      return onTick(model, event);
    case 'manifest-missing':
      return onManifestMissing(model, event.now);
    case 'denied':
      return move(model, { status: 'failed', reason: 'denied' }, 'close', 'report-denied');
    case 'unsupported':
      return move(model, { status: 'failed', reason: 'unsupported' }, 'close');
    case 'fatal':
      return onFatal(model, event);
    case 'drain':
      return onDrain(model);
    case 'ended':
      return onEnded(model);
  }
}
