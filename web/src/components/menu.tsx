import { useState } from 'react';
import * as Radix from '@radix-ui/react-dropdown-menu';
import { Check, ChevronLeft, ChevronRight } from 'lucide-react';
import type { MenuItem, MenuPages } from '@/components/menu-model';
import { t } from '@/lib/i18n/t';

export interface MenuProps {
  readonly pages: MenuPages;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly label: string;
  /** Where the focus has to go. */
  readonly onClosed: () => void;
  readonly side: 'right' | 'top';
  /** Compact screens get a sheet from the bottom. */
  readonly sheet: boolean;
  readonly look: 'page' | 'video';
  /** Full screen shows nothing outside of the element that fills it. */
  readonly container?: HTMLElement | null;
}

const looks = {
  page: 'bg-s1 text-text border border-line',
  video: 'bg-video-panel text-on-video on-video',
};
const rows = {
  page: 'data-highlighted:bg-s2',
  video: 'data-highlighted:bg-video-hover',
};
const hints = { page: 'text-text-2', video: 'text-on-video-2' };
const row = 'flex min-h-11 items-center gap-3 rounded-lg px-3 text-body outline-none select-none ';

/** A menu of pages that are swapped in place; Radix brings arrows, Home/End, type-ahead, Escape and focus. */
export function Menu({ pages, open, onOpenChange, label, onClosed, side, sheet, look, container }: MenuProps) {
  const [pageId, setPageId] = useState('root');
  const page = pages[pageId] ?? pages.root;
  const change = (next: boolean) => {
    if (next) setPageId('root');
    onOpenChange(next);
  };
  const placement = sheet
    ? 'menu-sheet max-h-[65dvh] w-full rounded-t-card pb-[max(16px,env(safe-area-inset-bottom))] animate-[rise_200ms]'
    : 'max-h-[min(70dvh,var(--radix-dropdown-menu-content-available-height))] min-w-64 rounded-tile shadow-menu animate-[appear_150ms]';
  return (
    <Radix.Root open={open} onOpenChange={change} modal={sheet}>
      {/* Only an anchor: the button is outside, because it is there before this code is. */}
      <Radix.Trigger asChild>
        <span aria-hidden="true" tabIndex={-1} className="pointer-events-none absolute inset-0" />
      </Radix.Trigger>
      {sheet && open ? (
        <Radix.Portal container={container ?? null}>
          <div className="fixed inset-0 z-50 animate-[appear_150ms] bg-scrim" />
        </Radix.Portal>
      ) : null}
      <Radix.Portal container={container ?? null}>
        <Radix.Content
          aria-label={label}
          aria-labelledby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
          side={side}
          align="end"
          sideOffset={12}
          collisionPadding={8}
          className={`z-50 overflow-y-auto p-2 ${placement} ${looks[look]}`}
          data-menu=""
        >
          {page?.title ? (
            <Radix.Item
              className={`${row} ${rows[look]} font-bold`}
              aria-label={`${t('player.back')}: ${page.title}`}
              onSelect={(event) => {
                event.preventDefault();
                setPageId('root');
              }}
            >
              <ChevronLeft size={20} className="rtl:-scale-x-100" aria-hidden="true" />
              {page.title}
            </Radix.Item>
          ) : null}
          {page?.items.map((item) => (
            <Row key={item.label} item={item} look={look} onPage={setPageId} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface RowProps {
  readonly item: MenuItem;
  readonly look: 'page' | 'video';
  readonly onPage: (page: string) => void;
}

function Row({ item, look, onPage }: RowProps) {
  const className = `${row} ${rows[look]}`;
  const hint = (text: string | undefined) =>
    text ? <span className={`ms-auto ps-6 text-small ${hints[look]}`}>{text}</span> : null;
  if (item.kind === 'choice') {
    return (
      <Radix.CheckboxItem
        role="menuitemradio"
        checked={item.checked}
        className={className}
        onSelect={(event) => {
          event.preventDefault();
          item.onSelect();
        }}
      >
        <span className="flex w-5 shrink-0">
          <Radix.ItemIndicator>
            <Check size={20} aria-hidden="true" />
          </Radix.ItemIndicator>
        </span>
        <span>{item.label}</span>
        {hint(item.hint)}
      </Radix.CheckboxItem>
    );
  }
  const isPage = item.kind === 'page';
  return (
    <Radix.Item
      className={className}
      onSelect={(event) => {
        if (isPage) event.preventDefault();
        if (isPage) onPage(item.page);
        else item.onSelect();
      }}
    >
      {item.icon}
      <span>{item.label}</span>
      {hint(item.hint)}
      {isPage ? (
        <ChevronRight size={18} className={`rtl:-scale-x-100 ${item.hint ? '' : 'ms-auto'}`} aria-hidden="true" />
      ) : null}
    </Radix.Item>
  );
}
