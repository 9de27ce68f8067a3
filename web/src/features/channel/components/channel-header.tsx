import { useEffect, useState, type ReactNode } from 'react';
import { Users } from 'lucide-react';
import type { Channel } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { formatCompact, formatDuration } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';
import { serverNow } from '@/lib/time/server-clock';

interface ChannelHeaderProps {
  readonly channel: Channel;
  readonly isLive: boolean;
  /** The shell's menu, for screens without rail and bottom bar. */
  readonly menu: ReactNode;
}

function TimeLive({ since }: { readonly since: number }) {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(serverNow());
    }, 1000);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  const time = formatDuration(now - since);
  return (
    <span className="tabular-nums">
      <span className="sr-only">{t('channel.timeLive', { time })}</span>
      <span aria-hidden="true">{time}</span>
    </span>
  );
}

function Viewers({ count }: { readonly count: number }) {
  return (
    <span className="inline-flex items-center gap-1 tabular-nums">
      <Users size={14} aria-hidden="true" />
      <span aria-hidden="true">{formatCompact(count)}</span>
      <span className="sr-only">{t('channel.viewers', { count })}</span>
    </span>
  );
}

/** Over the picture it is white on a shade; below it, text of the page. */
export function ChannelHeader({ channel, isLive, menu }: ChannelHeaderProps) {
  const { username, title, category, viewerCount, startTime } = channel;
  return (
    <header className="stage-header flex items-center gap-3 px-4 py-3 overlaid:bg-gradient-to-b overlaid:from-video-shade overlaid:to-transparent overlaid:px-6 overlaid:pt-5 overlaid:pb-10 overlaid:text-on-video">
      <Avatar
        name={username}
        className={`size-11 text-h3 ring-2 ring-offset-2 ring-offset-page overlaid:ring-offset-video ${isLive ? 'ring-profile' : 'ring-line-control'}`}
      />
      <div className="min-w-0 flex-1 ps-1">
        <h1 tabIndex={-1} className="truncate text-h3">
          <bdi>{username}</bdi>
        </h1>
        {title ? (
          <h2 dir="auto" className="truncate text-body text-text-2 overlaid:text-on-video-2">
            {title}
          </h2>
        ) : null}
      </div>
      {isLive ? (
        <p className="flex shrink-0 items-center gap-3 text-small text-text-2 overlaid:text-on-video-2">
          {category ? <span className="max-tablet:hidden">{category.name}</span> : null}
          {viewerCount === null ? null : <Viewers count={viewerCount} />}
          {startTime === null ? null : <TimeLive since={startTime} />}
        </p>
      ) : null}
      {menu}
    </header>
  );
}
