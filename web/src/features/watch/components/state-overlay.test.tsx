import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { StateOverlay } from '@/features/watch/components/state-overlay';
import type { PlayerState } from '@/lib/player/model/machine';

function show(state: PlayerState) {
  const onRetry = vi.fn();
  const onPlay = vi.fn();
  const view = render(<StateOverlay state={state} name="ana" onRetry={onRetry} onPlay={onPlay} />);
  return { ...view, onRetry, onPlay };
}

test.each<[PlayerState, string]>([
  [{ status: 'loading', since: 0, starting: false, retryAt: null }, 'Loading the stream'],
  [{ status: 'loading', since: 0, starting: true, retryAt: 1 }, 'Starting'],
  [{ status: 'stalled', since: 0, cause: 'network' }, 'Waiting for the stream'],
  [{ status: 'stalled', since: 0, cause: 'source' }, 'ana’s stream stopped sending. Waiting…'],
  [{ status: 'idle' }, 'Reconnecting to the stream'],
  [{ status: 'recovering', attempt: 1, since: 0, retryAt: 1 }, 'Reconnecting to the stream'],
  [{ status: 'recovering', attempt: 7, since: 0, retryAt: null }, 'Reconnecting to the stream'],
])('%o says "%s"', (state, text) => {
  show(state);
  expect(screen.getByRole('status')).toHaveTextContent(text);
});

test('from the third rebuild on it says so, and can be hurried', async () => {
  const { onRetry } = show({ status: 'recovering', attempt: 3, since: 0, retryAt: performance.now() + 7800 });
  expect(screen.getByText('The stream keeps stopping. Retrying in 8 s.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Retry now' }));
  expect(onRetry).toHaveBeenCalledOnce();
});

test('a failure is told at once', () => {
  show({ status: 'failed', reason: 'unsupported' });
  expect(screen.getByRole('alert')).toHaveTextContent('This browser cannot play this stream.');
});

test('paused offers to go on', async () => {
  const { onPlay } = show({ status: 'paused', since: 0, broken: false });
  await userEvent.click(screen.getByRole('button', { name: 'Resume' }));
  expect(onPlay).toHaveBeenCalledOnce();
});

test.each<PlayerState>([{ status: 'playing' }, { status: 'behind' }, { status: 'draining' }])(
  'nothing lies on the picture while $status',
  (state) => {
    expect(show(state).container).toBeEmptyDOMElement();
  },
);
