import { Link } from 'react-router';
import type { Channel } from '@/api/types';
import { Button, buttonClass } from '@/components/button';
import { BrokenLamp, LampOff, SearchingBeam } from '@/components/illustration';
import { StateBlock } from '@/components/state-block';
import { formatAgo } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';
import { serverNow } from '@/lib/time/server-clock';

/** The page's own shape, so that nothing moves when the channel comes. */
export function ChannelSkeleton() {
  return (
    <div className="stage" role="status">
      <div className="stage-picture" />
      <div className="stage-header flex items-center gap-4 px-4 py-3 overlaid:px-6 overlaid:pt-5">
        <div className="size-11 animate-[shimmer_1.5s_150ms_infinite] rounded-full bg-s3" />
        <div className="h-5 w-40 animate-[shimmer_1.5s_150ms_infinite] rounded-full bg-s3" />
      </div>
      <span className="sr-only">{t('channel.loading')}</span>
    </div>
  );
}

export function OfflineCard({ channel }: { readonly channel: Channel }) {
  const { username, lastLiveAt } = channel;
  return (
    <div className="absolute inset-0 flex items-center justify-center bg-s1 text-text">
      {/* A glimpse of the channel's colour, as if the lamp had just gone out. */}
      <div aria-hidden="true" className="offline-glow absolute inset-0" />
      <div className="relative flex max-w-md flex-col items-center gap-2 px-6 text-center overlaid:gap-3">
        <LampOff className="w-24 text-text-3 overlaid:w-44" />
        <h2 className="text-h3 break-words overlaid:text-h2">{t('channel.offlineTitle', { name: username })}</h2>
        {lastLiveAt === null ? null : (
          <p className="text-text-2">{t('channel.lastLive', { time: formatAgo(lastLiveAt, serverNow()) })}</p>
        )}
        <p className="text-text-2 max-[360px]:hidden">{t('channel.offlineHint')}</p>
      </div>
    </div>
  );
}

export function ChannelMissing({ name }: { readonly name: string }) {
  return (
    <div className="flex min-h-dvh items-center justify-center">
      <StateBlock
        level="h1"
        illustration={<SearchingBeam />}
        title={t('channel.notFoundTitle', { name })}
        action={
          <Link to="/" className={buttonClass('primary')}>
            {t('app.goHome')}
          </Link>
        }
      >
        <p>{t('channel.notFoundBody')}</p>
      </StateBlock>
    </div>
  );
}

export function ChannelUnavailable({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <div className="flex min-h-dvh items-center justify-center">
      <StateBlock
        level="h1"
        illustration={<BrokenLamp />}
        title={t('channel.unavailableTitle')}
        action={<Button onClick={onRetry}>{t('app.tryAgain')}</Button>}
      >
        <p>{t('channel.unavailableBody')}</p>
      </StateBlock>
    </div>
  );
}
