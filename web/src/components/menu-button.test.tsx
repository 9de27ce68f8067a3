import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { MenuButton } from '@/components/menu-button';
import type { MenuPages } from '@/components/menu-model';

beforeEach(() => {
  // Radix measures; jsdom has no layout.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.hasPointerCapture = () => false;
});

function show() {
  const onSelect = vi.fn();
  const pages: MenuPages = {
    root: {
      items: [
        { kind: 'page', page: 'quality', label: 'Quality', hint: 'Auto' },
        { kind: 'action', label: 'Statistics', onSelect },
      ],
    },
    quality: {
      title: 'Quality',
      items: [
        { kind: 'choice', label: 'Auto', checked: true, onSelect },
        { kind: 'choice', label: '720p', checked: false, onSelect },
      ],
    },
  };
  render(<MenuButton label="Settings" icon={null} pages={pages} side="top" sheet={false} />);
  return { onSelect, user: userEvent.setup() };
}

test('opens by key, walks into a page and back, closes with the focus on the button', async () => {
  const { user } = show();
  const button = screen.getByRole('button', { name: 'Settings' });
  expect(button).toHaveAttribute('aria-expanded', 'false');
  await user.tab();
  await user.keyboard('{Enter}');
  const quality = await screen.findByRole('menuitem', { name: /Quality/ });
  await user.keyboard('{ArrowDown}'.repeat(document.activeElement === quality ? 0 : 1));
  expect(quality).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('menuitemradio', { name: 'Auto' })).toBeChecked();
  expect(screen.getByRole('menuitemradio', { name: '720p' })).not.toBeChecked();
  await user.click(screen.getByRole('menuitem', { name: 'Back: Quality' }));
  expect(await screen.findByRole('menuitem', { name: 'Statistics' })).toBeInTheDocument();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('menu')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Settings' })).toHaveFocus();
});

test('a choice keeps the menu open, an action closes it', async () => {
  const { user, onSelect } = show();
  await user.click(screen.getByRole('button', { name: 'Settings' }));
  await user.click(await screen.findByRole('menuitem', { name: /Quality/ }));
  await user.click(await screen.findByRole('menuitemradio', { name: '720p' }));
  expect(onSelect).toHaveBeenCalledOnce();
  expect(screen.getByRole('menu')).toBeInTheDocument();
  await user.click(screen.getByRole('menuitem', { name: 'Back: Quality' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Statistics' }));
  expect(onSelect).toHaveBeenCalledTimes(2);
  expect(screen.queryByRole('menu')).not.toBeInTheDocument();
});
