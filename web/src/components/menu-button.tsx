import { useRef, useState, type ComponentType, type ReactNode } from 'react';
import { IconButton, type Tip } from '@/components/button';
import type { MenuProps } from '@/components/menu';
import type { MenuPages } from '@/components/menu-model';

interface MenuButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly pages: MenuPages;
  readonly side: 'right' | 'top';
  readonly sheet: boolean;
  readonly look?: 'page' | 'video';
  readonly container?: HTMLElement | null;
  readonly tip?: Tip;
  readonly className?: string;
  readonly onOpenChange?: (open: boolean) => void;
}

/** A button with a menu whose code is fetched when somebody is about to use it: the first page needs none of it. */
export function MenuButton({
  label,
  icon,
  pages,
  side,
  sheet,
  look = 'page',
  container,
  tip = 'above',
  className = '',
  onOpenChange,
}: MenuButtonProps) {
  const [Menu, setMenu] = useState<ComponentType<MenuProps> | null>(null);
  const [open, setOpen] = useState(false);
  const fetchMenu = async () => {
    if (Menu) return;
    const module = await import('@/components/menu');
    setMenu(() => module.Menu);
  };
  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange?.(next);
  };
  const openWhenFetched = async () => {
    await fetchMenu();
    change(true);
  };
  // A press on the button of an open menu closes it, as a press anywhere outside does; the click that follows
  // must not open it again.
  const openAtPress = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <span className={`relative inline-flex ${className}`}>
      <IconButton
        ref={button}
        label={label}
        icon={icon}
        look={look}
        tip={open ? 'none' : tip}
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={() => void fetchMenu()}
        onFocus={() => void fetchMenu()}
        onPointerDown={() => {
          openAtPress.current = open;
        }}
        onClick={() => {
          if (!openAtPress.current) void openWhenFetched();
          openAtPress.current = false;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          void openWhenFetched();
        }}
      />
      {Menu ? (
        <Menu
          {...{ label, pages, open, side, sheet, look }}
          container={container ?? null}
          onOpenChange={change}
          onClosed={() => button.current?.focus()}
        />
      ) : null}
    </span>
  );
}
