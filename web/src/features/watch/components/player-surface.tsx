import { lazy, Suspense, useCallback, useState, useSyncExternalStore } from 'react';
import { VolumeX } from 'lucide-react';
import { Button } from '@/components/button';
import { useBezel } from '@/features/watch/components/bezel';
import { Controls } from '@/features/watch/components/controls';
import { StateOverlay } from '@/features/watch/components/state-overlay';
import { runCommand } from '@/features/watch/hooks/run-command';
import type { useControlsVisibility } from '@/features/watch/hooks/use-controls-visibility';
import { useFullscreen } from '@/features/watch/hooks/use-fullscreen';
import { useMediaSession } from '@/features/watch/hooks/use-media-session';
import { useShortcuts } from '@/features/watch/hooks/use-shortcuts';
import { settingsPages } from '@/features/watch/model/settings-pages';
import { t } from '@/lib/i18n/t';
import type { Player } from '@/lib/player/player';
import { useStored } from '@/lib/storage/use-stored';
import { changeUiSettings, uiSettings } from '@/lib/ui-settings/ui-settings';

const StatisticsPanel = lazy(async () => ({
  default: (await import('@/features/watch/components/statistics-panel')).StatisticsPanel,
}));
const ShortcutList = lazy(async () => ({ default: (await import('@/components/shortcut-list')).ShortcutList }));

interface PlayerSurfaceProps {
  readonly player: Player;
  readonly video: HTMLVideoElement | null;
  readonly stage: HTMLElement | null;
  readonly name: string;
  readonly title: string;
  readonly controls: ReturnType<typeof useControlsVisibility>;
  readonly onMenu: (open: boolean) => void;
}

function togglePip(video: HTMLVideoElement | null): void {
  // Refused without a picture or a gesture: then there is nothing to show.
  if (document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined);
  else void video?.requestPictureInPicture().catch(() => undefined);
}

/** Everything that lies on the picture while a stream plays. */
export function PlayerSurface({ player, video, stage, name, title, controls, onMenu }: PlayerSurfaceProps) {
  const snapshot = useSyncExternalStore(player.subscribe, player.getSnapshot);
  const { theatre } = useStored(uiSettings);
  const [statistics, setStatistics] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);
  const { bezel, show } = useBezel();
  const getVideo = useCallback(() => video, [video]);
  const fullscreen = useFullscreen(stage, getVideo);
  const onPip = document.pictureInPictureEnabled
    ? () => {
        togglePip(video);
      }
    : null;
  const onTheatre = () => {
    changeUiSettings({ theatre: !theatre });
  };
  const onShortcuts = () => {
    setShortcuts(true);
  };
  const onStatistics = () => {
    setStatistics(!statistics);
  };
  const onClose = () => {
    if (statistics) setStatistics(false);
    else if (theatre) changeUiSettings({ theatre: false });
    else return false;
    return true;
  };
  useMediaSession(player, name, title);
  useShortcuts(stage, (command) =>
    runCommand(command, {
      player,
      show,
      onFullscreen: fullscreen.toggle,
      onTheatre,
      onPip,
      onStatistics,
      onShortcuts,
      onClose,
    }),
  );
  const settings = settingsPages(snapshot, {
    onQuality: (choice) => {
      player.setQuality(choice);
    },
    onLatency: (mode) => {
      player.setLatencyMode(mode);
    },
    onStatistics,
    onShortcuts,
  });
  const retry = () => {
    player.retryNow();
  };
  const play = () => {
    player.play();
  };
  return (
    <>
      <StateOverlay state={snapshot.state} name={name} onRetry={retry} onPlay={play} />
      {bezel}
      {snapshot.needsTap ? (
        <div className="absolute inset-x-0 bottom-20 z-20 flex justify-center">
          <Button
            look="video"
            onClick={() => {
              player.setMuted(false);
            }}
          >
            <VolumeX size={22} aria-hidden="true" />
            {t('player.tapForSound')}
          </Button>
        </div>
      ) : null}
      {statistics ? (
        <Suspense>
          <StatisticsPanel
            player={player}
            onClose={() => {
              setStatistics(false);
            }}
          />
        </Suspense>
      ) : null}
      <Controls
        {...{ player, snapshot, stage, settings, fullscreen, onPip, onTheatre, theatre, onMenu }}
        visible={controls.visible}
        holders={controls.holders}
      />
      {shortcuts ? (
        <Suspense>
          <ShortcutList
            container={stage}
            onClose={() => {
              setShortcuts(false);
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
