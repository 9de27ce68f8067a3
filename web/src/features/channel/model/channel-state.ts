/** What a channel page shows, from the answers of the API and what the player tells. */
import type { Channel } from '@/api/types';

export type ChannelState =
  | { readonly status: 'loading' }
  /** `playback` counts the streams that were opened; another number is another stream. */
  | { readonly status: 'live'; readonly channel: Channel; readonly playback: number; readonly ended: boolean }
  /** The channel is offline, the player still has something to show. */
  | { readonly status: 'draining'; readonly channel: Channel; readonly playback: number }
  | { readonly status: 'offline'; readonly channel: Channel; readonly playback: number }
  | { readonly status: 'not-found' }
  | { readonly status: 'unavailable' };

export type ChannelEvent =
  | { readonly type: 'answer'; readonly channel: Channel }
  | { readonly type: 'missing' }
  | { readonly type: 'failed' }
  /** The player came to the end of the stream before the API said so. */
  | { readonly type: 'ended' }
  /** The player has nothing left to show. */
  | { readonly type: 'drained' };

export const loadingChannel: ChannelState = { status: 'loading' };

function playbackOf(state: ChannelState): number {
  return 'playback' in state ? state.playback : 0;
}

function onLive(state: ChannelState, channel: Channel): ChannelState {
  const isSameStream = state.status === 'live' && !state.ended && state.channel.startTime === channel.startTime;
  const playback = isSameStream ? state.playback : playbackOf(state) + 1;
  return { status: 'live', channel, playback, ended: false };
}

function onOffline(state: ChannelState, channel: Channel): ChannelState {
  const playback = playbackOf(state);
  const stillPlays = state.status === 'draining' || (state.status === 'live' && !state.ended);
  return { status: stillPlays ? 'draining' : 'offline', channel, playback };
}

export function nextChannelState(state: ChannelState, event: ChannelEvent): ChannelState {
  switch (event.type) {
    case 'answer':
      return event.channel.isLive && event.channel.playbackUrl
        ? onLive(state, event.channel)
        : onOffline(state, event.channel);
    case 'missing':
      return { status: 'not-found' };
    case 'failed':
      // What is on screen stays there: the stream may well play on while the API does not answer.
      return state.status === 'loading' ? { status: 'unavailable' } : state;
    case 'ended':
      return state.status === 'live' ? { ...state, ended: true } : state;
    case 'drained':
      return state.status === 'draining' ? { ...state, status: 'offline' } : state;
  }
}

/** Milliseconds until the channel is asked for again; there is no push yet that would tell. */
export function pollInterval(state: ChannelState): number {
  switch (state.status) {
    case 'live':
      return state.ended ? 1000 : 5000;
    case 'not-found':
      return 10_000;
    case 'loading':
    case 'draining':
    case 'offline':
    case 'unavailable':
      return 2000;
  }
}
