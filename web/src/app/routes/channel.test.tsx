import { QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { Router } from '@/app/router';
import type { LivePlayerProps } from '@/features/watch/components/live-player';
import { createQueryClient } from '@/lib/api-client/query-client';

let shown: LivePlayerProps[] = [];
vi.mock('@/features/watch/components/live-player', () => ({
  LivePlayer: (props: LivePlayerProps) => {
    shown.push(props);
    return <p>picture {props.playback.count}</p>;
  },
}));

const offline = {
  username: 'Ana',
  channelId: 'abc',
  isLive: false,
  lastLiveAt: new Date(Date.now() - 2 * 86_400_000).toISOString(),
  playbackUrl: '/live/abc/master.m3u8',
};
const live = { ...offline, isLive: true, startTime: '2026-02-03T10:00:00.000Z', title: 'Ink', viewerCount: 3 };

let answer: () => Response | Promise<Response>;
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

function open(path: string) {
  return render(
    <QueryClientProvider client={createQueryClient()}>
      <MemoryRouter initialEntries={[path]}>
        <Router />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  shown = [];
  answer = () => json(offline);
  vi.stubGlobal('scrollTo', () => undefined);
  vi.stubGlobal('fetch', (url: string) =>
    url.startsWith('/api/channels/') ? Promise.resolve().then(answer) : Promise.resolve(json({}, 404)),
  );
});

test('offline: the card, the name as heading, the title', async () => {
  open('/ana');
  expect(await screen.findByRole('heading', { level: 1, name: 'Ana' })).toBeInTheDocument();
  expect(screen.getByRole('heading', { name: 'Ana is offline' })).toBeInTheDocument();
  expect(screen.getByText('Last live 2 days ago.')).toBeInTheDocument();
  expect(document.title).toBe('Ana · Klieg');
  expect(shown).toEqual([]);
});

test('live: the player gets the stream; title and figures show', async () => {
  answer = () => json(live);
  open('/ana');
  expect(await screen.findByText('picture 1')).toBeInTheDocument();
  expect(shown.at(-1)?.playback).toMatchObject({
    url: `${window.location.origin}/live/abc/master.m3u8`,
    draining: false,
  });
  expect(screen.getByText('3 viewers')).toBeInTheDocument();
  expect(document.title).toBe('● Ana: Ink · Klieg');
});

test('goes live under the viewer’s eyes within 3 s, drains, goes offline', async () => {
  open('/ana');
  await screen.findByRole('heading', { name: 'Ana is offline' });
  answer = () => json(live);
  expect(await screen.findByText('picture 1', {}, { timeout: 3000 })).toBeInTheDocument();
  // The player comes to the end before the API is asked again.
  answer = () => json(offline);
  act(() => shown.at(-1)?.playback.onEnded());
  expect(await screen.findByRole('heading', { name: 'Ana is offline' })).toBeInTheDocument();
});

test('offline lets the player drain first', async () => {
  answer = () => json(live);
  open('/ana');
  await screen.findByText('picture 1');
  answer = () => json(offline);
  act(() => shown.at(-1)?.playback.onDenied());
  await waitFor(() => {
    expect(shown.at(-1)?.playback.draining).toBe(true);
  });
  expect(screen.getByText('picture 1')).toBeInTheDocument();
  act(() => shown.at(-1)?.playback.onDrained());
  expect(await screen.findByRole('heading', { name: 'Ana is offline' })).toBeInTheDocument();
});

test('an unknown channel', async () => {
  answer = () => json({ __type: 'UserNotFoundException', message: 'x' }, 404);
  open('/nobody');
  expect(await screen.findByRole('heading', { level: 1, name: 'No channel called “nobody”' })).toBeInTheDocument();
});

test('a name that no channel can have', async () => {
  answer = () => json({ __type: 'BadRequestException', message: 'x' }, 400);
  open('/not%20a%20name');
  expect(await screen.findByRole('heading', { level: 1, name: 'No channel called “not a name”' })).toBeInTheDocument();
});

test('no answer: it says so, and recovers by itself', async () => {
  answer = () => json({}, 500);
  open('/ana');
  expect(await screen.findByRole('heading', { name: 'This channel cannot be loaded' })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument();
  answer = () => json(live);
  expect(await screen.findByText('picture 1', {}, { timeout: 3000 })).toBeInTheDocument();
});

test('a deeper path is no page', async () => {
  open('/a/b');
  expect(await screen.findByRole('heading', { level: 1, name: 'There is nothing here' })).toBeInTheDocument();
  expect(document.title).toBe('Not found · Klieg');
});

test('home: the addresses to go live with, and the skip link first', async () => {
  open('/');
  expect(screen.getByRole('heading', { level: 1, name: 'Live video, on your own server' })).toBeInTheDocument();
  expect(screen.getByText('klieg channel create demo')).toBeInTheDocument();
  expect(screen.getByText(`rtmp://${window.location.hostname}:1935/app/`)).toBeInTheDocument();
  expect(document.querySelector('a')).toHaveTextContent('Skip to content');
  await waitFor(() => {
    expect(document.title).toBe('Live now · Klieg');
  });
});
