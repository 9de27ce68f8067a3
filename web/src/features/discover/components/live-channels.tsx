import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { ChannelCard } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Button } from '@/components/button';
import { Mark } from '@/components/logo';
import { LivePill } from '@/components/live-pill';
import { liveChannelsQuery } from '@/features/discover/api/discover';
import { ApiError } from '@/lib/api-client/api-client';
import { formatCompact } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';

function Thumbnail({ url }: { readonly url: string | null }) {
  const [broken, setBroken] = useState(false);
  if (!url || broken) return null;
  return (
    <img
      src={url}
      alt=""
      width={640}
      height={360}
      loading="lazy"
      className="absolute inset-0 size-full object-cover"
      onError={() => {
        setBroken(true);
      }}
    />
  );
}

function cardName({ username: name, title, viewerCount: count }: ChannelCard): string {
  if (count === null) return t('home.cardLive', { name, title: title || name });
  return t('home.cardLiveViewers', { name, title: title || name, count });
}

function Card({ channel }: { readonly channel: ChannelCard }) {
  const { username, title, viewerCount, thumbnailUrl, color } = channel;
  return (
    <li data-profile={color ?? 'none'}>
      <Link
        to={`/${username}`}
        className="block overflow-hidden rounded-tile bg-profile text-on-profile transition-transform hover:scale-[1.03]"
      >
        <span className="sr-only">{cardName(channel)}</span>
        <div
          aria-hidden="true"
          className="relative flex aspect-video items-center justify-center bg-profile-deep on-video"
        >
          <Mark className="w-16 opacity-60" />
          <Thumbnail url={thumbnailUrl} />
          <span className="absolute start-3 top-3">
            <LivePill />
          </span>
          {viewerCount === null ? null : (
            <span className="absolute end-3 bottom-3 rounded-full bg-video-shade px-2 py-0.5 text-caption text-on-video tabular-nums">
              {t('home.viewers', { count: viewerCount }).replace(String(viewerCount), formatCompact(viewerCount))}
            </span>
          )}
        </div>
        <div aria-hidden="true" className="flex items-center gap-3 p-3">
          <Avatar name={username} className="size-11 text-h3 ring-2 ring-on-profile" />
          <div className="min-w-0">
            <p dir="auto" className="truncate font-bold">
              {title || username}
            </p>
            <p className="truncate text-small">{username}</p>
          </div>
        </div>
      </Link>
    </li>
  );
}

/** Absent while the server has no such list. */
export function LiveChannels() {
  const { data, error, isPending, refetch } = useQuery(liveChannelsQuery);
  if (isPending || (error instanceof ApiError && error.status === 404)) return null;
  return (
    <section aria-labelledby="live-now" className="flex flex-col gap-6">
      <h2 id="live-now" className="text-h2">
        {t('home.liveTitle')}
      </h2>
      {data === undefined ? (
        <div className="flex flex-wrap items-center gap-4 rounded-card bg-s1 p-6">
          <p className="text-text-2">{t('home.liveFailed')}</p>
          <Button look="secondary" onClick={() => void refetch()}>
            {t('app.tryAgain')}
          </Button>
        </div>
      ) : null}
      {data?.length === 0 ? (
        <div className="rounded-card border border-dashed border-line-control p-6 text-center">
          <p className="text-h3">{t('home.nobodyLive')}</p>
          <p className="text-text-2">{t('home.nobodyLiveHint')}</p>
        </div>
      ) : null}
      {data && data.length > 0 ? (
        <ul className="grid gap-6 phone:grid-cols-2 desktop:grid-cols-3 wide:grid-cols-4">
          {data.map((channel) => (
            <Card key={channel.username} channel={channel} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
