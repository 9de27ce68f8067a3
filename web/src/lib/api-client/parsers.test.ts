import { describe, expect, test } from 'vitest';
import { parseChannel, parseChannelList, parseConfig } from '@/lib/api-client/parsers';

const channel = {
  username: 'ana',
  channelId: '4WpFQIDqX0pV',
  color: 'blue',
  isLive: true,
  startTime: '2026-02-03T10:00:00.000Z',
  viewerCount: 42,
  title: 'Morning sketching',
  category: { id: 'art', name: 'Art' },
  tags: ['ink', 7, 'paper'],
  bio: 'hello',
  playbackUrl: 'https://klieg.example/live/4WpFQIDqX0pV/master.m3u8',
  streamKeyValue: 'secret',
};

describe('parseChannel', () => {
  test('takes what it knows and leaves the rest', () => {
    expect(parseChannel(channel)).toEqual({
      username: 'ana',
      channelId: '4WpFQIDqX0pV',
      color: 'blue',
      isLive: true,
      startTime: Date.UTC(2026, 1, 3, 10),
      lastLiveAt: null,
      viewerCount: 42,
      title: 'Morning sketching',
      category: { id: 'art', name: 'Art' },
      tags: ['ink', 'paper'],
      bio: 'hello',
      playbackUrl: 'https://klieg.example/live/4WpFQIDqX0pV/master.m3u8',
    });
  });

  test('does with the least', () => {
    const least = { username: 'ana', channelId: 'x' };
    expect(parseChannel(least)).toMatchObject({
      isLive: false,
      title: '',
      tags: [],
      playbackUrl: null,
      category: null,
    });
  });

  test('counts and times belong to their state', () => {
    const offline = { ...channel, isLive: false, lastLiveAt: '2026-02-03T11:00:00.000Z' };
    expect(parseChannel(offline)).toMatchObject({
      startTime: null,
      viewerCount: null,
      lastLiveAt: Date.UTC(2026, 1, 3, 11),
    });
    expect(parseChannel({ ...channel, lastLiveAt: '2026-02-03T11:00:00.000Z' })).toMatchObject({ lastLiveAt: null });
  });

  test.each([
    ['viewerCount', -1],
    ['viewerCount', 1.5],
    ['viewerCount', '42'],
    ['startTime', 'yesterday'],
    ['startTime', 17],
    ['category', 'art'],
    ['category', { id: 'art' }],
    ['playbackUrl', 'javascript:alert(1)'],
    ['playbackUrl', 'data:text/html,x'],
    ['playbackUrl', 'http://'],
    ['playbackUrl', ''],
    ['color', 7],
  ])('a %s of %j is none', (member, value) => {
    expect(parseChannel({ ...channel, [member]: value })).toHaveProperty(member, null);
  });

  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080'])('%s is the server itself, by whatever name', (host) => {
    expect(parseChannel({ ...channel, playbackUrl: `http://${host}/live/x/master.m3u8?a=1` }).playbackUrl).toBe(
      `${window.location.origin}/live/x/master.m3u8?a=1`,
    );
  });

  test('a relative address is ours', () => {
    expect(parseChannel({ ...channel, playbackUrl: '/live/x/master.m3u8' }).playbackUrl).toBe(
      `${window.location.origin}/live/x/master.m3u8`,
    );
  });

  test.each([
    null,
    [],
    'text',
    7,
    {},
    { username: '' },
    { username: 'ana' },
    { channelId: 'x' },
    { username: 7, channelId: 'x' },
  ])('without a name or an id it is no channel: %j', (value) => {
    expect(() => parseChannel(value)).toThrow();
  });
});

describe('parseChannelList', () => {
  test('drops what cannot be read and what repeats', () => {
    const channels = [channel, null, { title: 'x' }, channel, { ...channel, username: 'bob' }];
    expect(parseChannelList({ channels }).map(({ username }) => username)).toEqual(['ana', 'bob']);
  });

  test('a list that is none is empty', () => {
    expect(parseChannelList({ channels: 'x' })).toEqual([]);
    expect(() => parseChannelList(null)).toThrow();
  });
});

test.each([
  ['rtmps://klieg.example:1936/app/', 'rtmps://klieg.example:1936/app/'],
  ['rtmp://[2001:db8::1]:1935/app/', 'rtmp://[2001:db8::1]:1935/app/'],
  ['rtmp://127.0.0.1:1935/app/', `rtmp://${window.location.hostname}:1935/app/`],
  ['rtmp://localhost/app/', `rtmp://${window.location.hostname}/app/`],
  ['https://klieg.example/app/', null],
  ['rtmp://', null],
  ['', null],
  [undefined, null],
])('encoders are sent to %s as %s', (ingestServerUrl, told) => {
  expect(parseConfig({ version: '1.0.0', ingestServerUrl })).toEqual({ version: '1.0.0', ingestServerUrl: told });
});
