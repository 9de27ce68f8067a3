import { describe, expect, test } from 'vitest';
import type { Channel } from '@/api/types';
import {
  loadingChannel,
  nextChannelState,
  pollInterval,
  type ChannelEvent,
  type ChannelState,
} from '@/features/channel/model/channel-state';

const offline: Channel = {
  username: 'ana',
  channelId: 'abc',
  color: null,
  isLive: false,
  startTime: null,
  lastLiveAt: null,
  viewerCount: null,
  title: '',
  category: null,
  tags: [],
  bio: '',
  playbackUrl: '/live/abc/master.m3u8',
};
const live: Channel = { ...offline, isLive: true, startTime: 1000 };

const answer = (channel: Channel): ChannelEvent => ({ type: 'answer', channel });
const after = (...events: ChannelEvent[]): ChannelState => events.reduce(nextChannelState, loadingChannel);

describe('answers', () => {
  test('live and offline', () => {
    expect(after(answer(live))).toEqual({ status: 'live', channel: live, playback: 1, ended: false });
    expect(after(answer(offline))).toEqual({ status: 'offline', channel: offline, playback: 0 });
  });

  test('the same stream is not opened again by the next answer', () => {
    const more = { ...live, title: 'another' };
    expect(after(answer(live), answer(more))).toEqual({ status: 'live', channel: more, playback: 1, ended: false });
  });

  test('another stream of the same channel is', () => {
    expect(after(answer(live), answer({ ...live, startTime: 2000 }))).toMatchObject({ playback: 2 });
    expect(after(answer(live), answer(offline), answer(live))).toMatchObject({ status: 'live', playback: 2 });
  });

  test('live without an address cannot be played', () => {
    expect(after(answer({ ...live, playbackUrl: null }))).toMatchObject({ status: 'offline' });
  });

  test('offline lets what is buffered play out first', () => {
    const draining = after(answer(live), answer(offline));
    expect(draining).toEqual({ status: 'draining', channel: offline, playback: 1 });
    expect(nextChannelState(draining, answer(offline))).toMatchObject({ status: 'draining' });
    expect(nextChannelState(draining, { type: 'drained' })).toMatchObject({ status: 'offline', playback: 1 });
  });
});

describe('a player that comes to the end first', () => {
  test('offline is then shown at once', () => {
    expect(after(answer(live), { type: 'ended' }, answer(offline))).toMatchObject({ status: 'offline' });
  });

  test('still live: the stream is opened again', () => {
    expect(after(answer(live), { type: 'ended' })).toMatchObject({ status: 'live', playback: 1, ended: true });
    expect(after(answer(live), { type: 'ended' }, answer(live))).toMatchObject({ playback: 2, ended: false });
  });

  test('means nothing elsewhere', () => {
    expect(after({ type: 'ended' })).toBe(loadingChannel);
    expect(after({ type: 'drained' })).toBe(loadingChannel);
    const state = after(answer(live));
    expect(nextChannelState(state, { type: 'drained' })).toBe(state);
  });
});

describe('trouble', () => {
  test('unavailable only before anything was shown', () => {
    expect(after({ type: 'failed' })).toEqual({ status: 'unavailable' });
    const state = after(answer(live));
    expect(nextChannelState(state, { type: 'failed' })).toBe(state);
    expect(after({ type: 'failed' }, answer(live))).toMatchObject({ status: 'live' });
  });

  test('a channel that is gone', () => {
    expect(after(answer(live), { type: 'missing' })).toEqual({ status: 'not-found' });
    expect(after({ type: 'missing' }, answer(offline))).toMatchObject({ status: 'offline' });
  });
});

test.each([
  [after(answer(offline)), 2000],
  [after(answer(live), answer(offline)), 2000],
  [after({ type: 'failed' }), 2000],
  [after(answer(live)), 5000],
  [after(answer(live), { type: 'ended' }), 1000],
  [after({ type: 'missing' }), 10_000],
])('%o is asked for again after %d ms', (state, interval) => {
  expect(pollInterval(state)).toBe(interval);
});
