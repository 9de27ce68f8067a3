import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { ShellMenu } from '@/app/shell/shell-menu';
import { usePage } from '@/app/shell/use-page';
import { StageFrame } from '@/components/stage-frame';
import { ChannelAbout } from '@/features/channel/components/channel-about';
import { ChannelHeader } from '@/features/channel/components/channel-header';
import {
  ChannelMissing,
  ChannelSkeleton,
  ChannelUnavailable,
  OfflineCard,
} from '@/features/channel/components/channel-states';
import { useChannel } from '@/features/channel/hooks/use-channel';
import type { ChannelState } from '@/features/channel/model/channel-state';
import { announce } from '@/lib/announcer/announcer';
import { t } from '@/lib/i18n/t';

const LivePlayer = lazy(async () => ({
  default: (await import('@/features/watch/components/live-player')).LivePlayer,
}));

function pageTitle(state: ChannelState, username: string): string | null {
  switch (state.status) {
    case 'loading':
      return null;
    case 'live': {
      const { username: name, title } = state.channel;
      return t('channel.liveTitle', { name, title: title || t('home.liveTitle') });
    }
    case 'draining':
    case 'offline':
      return state.channel.username;
    case 'not-found':
      return t('channel.notFoundTitle', { name: username });
    case 'unavailable':
      return t('channel.unavailableTitle');
  }
}

/** Says when the channel goes live or offline under the viewer's eyes; not what it was at first. */
function useFlipAnnouncement(state: ChannelState): void {
  const { status } = state;
  const name = 'channel' in state ? state.channel.username : null;
  const [last, setLast] = useState({ status, name });
  if (last.status !== status || last.name !== name) setLast({ status, name });
  const known = last.name !== null;
  useEffect(() => {
    if (!known || name === null) return;
    if (status === 'live') announce(t('channel.nowLive', { name }));
    if (status === 'offline') announce(t('channel.nowOffline', { name }));
    // Only a change of the status is news.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [status]);
}

export function ChannelPage() {
  const { username = '' } = useParams();
  return <Channel key={username.toLowerCase()} username={username} />;
}

function Channel({ username }: { readonly username: string }) {
  const { state, refetch, onEnded, onDrained } = useChannel(username);
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const [controls, setControls] = useState(true);
  const onControls = useCallback((visible: boolean) => {
    setControls(visible);
  }, []);
  usePage(pageTitle(state, username));
  useFlipAnnouncement(state);

  if (state.status === 'loading') return <ChannelSkeleton />;
  if (state.status === 'not-found') return <ChannelMissing name={username} />;
  if (state.status === 'unavailable') return <ChannelUnavailable onRetry={refetch} />;

  const { channel } = state;
  const plays = state.status === 'live' || state.status === 'draining';
  return (
    <>
      <StageFrame
        ref={setStage}
        profile={channel.color ?? 'none'}
        headerHidden={plays && !controls}
        header={<ChannelHeader channel={channel} isLive={plays} menu={<ShellMenu sheet className="roomy:hidden" />} />}
      >
        {plays && channel.playbackUrl ? (
          <Suspense>
            <LivePlayer
              name={channel.username}
              title={channel.title}
              stage={stage}
              onControls={onControls}
              playback={{
                url: channel.playbackUrl,
                count: state.playback,
                draining: state.status === 'draining',
                onEnded,
                onDrained,
                onDenied: refetch,
              }}
            />
          </Suspense>
        ) : (
          <OfflineCard channel={channel} />
        )}
      </StageFrame>
      <ChannelAbout channel={channel} />
    </>
  );
}
