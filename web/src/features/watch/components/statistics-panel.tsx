import { useEffect, useRef, useState } from 'react';
import { Copy, GripHorizontal, X } from 'lucide-react';
import { IconButton } from '@/components/button';
import { statisticsRows, statisticsText } from '@/features/watch/model/statistics-rows';
import { announce } from '@/lib/announcer/announcer';
import { t } from '@/lib/i18n/t';
import type { Player } from '@/lib/player/player';

interface StatisticsPanelProps {
  readonly player: Player;
  readonly onClose: () => void;
}

const step = 24;
const moves = new Map([
  ['ArrowLeft', { x: -step, y: 0 }],
  ['ArrowRight', { x: step, y: 0 }],
  ['ArrowUp', { x: 0, y: -step }],
  ['ArrowDown', { x: 0, y: step }],
]);

function useRows(player: Player) {
  const read = () => statisticsRows(player.statistics(), player.getSnapshot());
  const [rows, setRows] = useState(read);
  useEffect(() => {
    const timer = window.setInterval(() => {
      setRows(statisticsRows(player.statistics(), player.getSnapshot()));
    }, 500);
    return () => {
      window.clearInterval(timer);
    };
  }, [player]);
  return rows;
}

/** Moves by dragging the handle, or by arrows while it has the focus; never out of the picture. */
function useDrag() {
  const panel = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState({ x: 0, y: 0 });
  const moveBy = (x: number, y: number) => {
    const box = panel.current?.getBoundingClientRect();
    const room = panel.current?.parentElement?.getBoundingClientRect();
    if (!box || !room) return;
    const dx = Math.min(Math.max(x, room.left - box.left), room.right - box.right);
    const dy = Math.min(Math.max(y, room.top - box.top), room.bottom - box.bottom);
    setOffset((before) => ({ x: before.x + dx, y: before.y + dy }));
  };
  const handle = {
    onPointerDown: (event: React.PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: React.PointerEvent<HTMLElement>) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) moveBy(event.movementX, event.movementY);
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      const move = moves.get(event.key);
      if (!move) return;
      event.preventDefault();
      moveBy(move.x, move.y);
    },
  };
  return { panel, offset, handle };
}

export function StatisticsPanel({ player, onClose }: StatisticsPanelProps) {
  const rows = useRows(player);
  const { panel, offset, handle } = useDrag();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(statisticsText(rows));
      announce(t('app.copied'));
    } catch {
      announce(t('app.copyFailed'), 'assertive');
    }
  };
  return (
    <div
      ref={panel}
      role="region"
      aria-label={t('stats.title')}
      style={{ translate: `${String(offset.x)}px ${String(offset.y)}px` }}
      className="absolute start-4 top-4 z-30 max-h-[calc(100%-32px)] w-80 max-w-[calc(100%-32px)] overflow-y-auto rounded-tile bg-video-panel pb-4 shadow-menu overlaid:top-24"
    >
      <div className="flex items-center ps-1">
        <button
          type="button"
          aria-label={t('stats.move')}
          className="flex size-11 cursor-grab touch-none items-center justify-center rounded-full hover:bg-video-hover"
          {...handle}
        >
          <GripHorizontal size={20} />
        </button>
        <h3 className="text-body font-bold">{t('stats.title')}</h3>
        <IconButton
          look="video"
          tip="none"
          label={t('stats.copy')}
          icon={<Copy size={18} />}
          className="ms-auto"
          onClick={() => void copy()}
        />
        <IconButton look="video" tip="none" label={t('app.close')} icon={<X size={20} />} onClick={onClose} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 px-4 text-small tabular-nums">
        {rows.map(({ name, value }) => (
          <div key={name} className="contents">
            <dt className="text-on-video-2">{name}</dt>
            <dd className="text-end break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
