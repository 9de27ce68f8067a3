import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { LiveReadout } from '@/features/watch/components/live-readout';

test('live: the delay, and nothing to press', () => {
  render(<LiveReadout snapshot={{ state: { status: 'playing' }, delay: 1.1 }} onGoLive={vi.fn()} />);
  expect(screen.getByText('Live, 1.1 seconds of delay')).toBeInTheDocument();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

test.each([{ status: 'behind' } as const, { status: 'paused', since: 0, broken: false } as const])(
  '$status: the way back',
  async (state) => {
    const onGoLive = vi.fn();
    render(<LiveReadout snapshot={{ state, delay: 4.2 }} onGoLive={onGoLive} />);
    await userEvent.click(screen.getByRole('button', { name: '4.2 s behind Go to live' }));
    expect(onGoLive).toHaveBeenCalledOnce();
  },
);

test('nothing while there is no picture', () => {
  const state = { status: 'loading', since: 0, starting: false, retryAt: null } as const;
  const { container } = render(<LiveReadout snapshot={{ state, delay: null }} onGoLive={vi.fn()} />);
  expect(container).toBeEmptyDOMElement();
});
