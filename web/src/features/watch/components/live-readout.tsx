import { formatFixed } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';
import type { PlayerSnapshot } from '@/lib/player/player';

interface LiveReadoutProps {
  readonly snapshot: Pick<PlayerSnapshot, 'state' | 'delay'>;
  readonly onGoLive: () => void;
}

/** The delay; with a delay that the viewer chose (or a pause) also the way back. */
export function LiveReadout({ snapshot: { state, delay }, onGoLive }: LiveReadoutProps) {
  const seconds = delay === null ? null : formatFixed(delay, 1);
  if (state.status === 'behind' || state.status === 'paused') {
    const text = seconds === null ? t('player.behindUnknown') : t('player.behind', { seconds });
    return (
      <button
        type="button"
        onClick={onGoLive}
        className="flex min-h-11 items-center gap-2 rounded-full px-3 text-small hover:bg-video-hover"
      >
        <span className="size-2 rounded-full bg-on-video-2" />
        <span className="text-on-video-2 tabular-nums max-phone:sr-only">{text}</span>
        <span className="font-bold whitespace-nowrap">{t('player.goLive')}</span>
      </button>
    );
  }
  if (state.status !== 'playing' && state.status !== 'stalled') return null;
  return (
    <p className="flex min-h-11 items-center gap-2 px-3 text-small">
      <span className="sr-only">{seconds === null ? t('player.liveName') : t('player.delayName', { seconds })}</span>
      <span aria-hidden="true" className="flex items-center gap-2">
        <span className="size-2 rounded-full bg-danger" />
        <span className="font-bold tracking-wide">{t('player.live')}</span>
        {seconds === null ? null : (
          <span className="text-on-video-2 tabular-nums">{t('player.delay', { seconds })}</span>
        )}
      </span>
    </p>
  );
}
