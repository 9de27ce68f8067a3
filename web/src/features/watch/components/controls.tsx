import { Maximize, Minimize, Pause, PictureInPicture2, Play, RectangleHorizontal, Settings } from 'lucide-react';
import { IconButton } from '@/components/button';
import { MenuButton } from '@/components/menu-button';
import type { MenuPages } from '@/components/menu-model';
import { LiveReadout } from '@/features/watch/components/live-readout';
import { Volume } from '@/features/watch/components/volume';
import { t } from '@/lib/i18n/t';
import type { Player, PlayerSnapshot } from '@/lib/player/player';
import { useViewport } from '@/lib/viewport/use-viewport';

interface ControlsProps {
  readonly player: Player;
  readonly snapshot: PlayerSnapshot;
  readonly visible: boolean;
  readonly holders: React.HTMLAttributes<HTMLDivElement>;
  readonly stage: HTMLElement | null;
  readonly settings: MenuPages;
  readonly fullscreen: { readonly isFullscreen: boolean; readonly toggle: () => void };
  /** Absent where the browser cannot do it. */
  readonly onPip: (() => void) | null;
  readonly onTheatre: () => void;
  readonly theatre: boolean;
  readonly onMenu: (open: boolean) => void;
}

function PlayButton({
  player,
  status,
}: {
  readonly player: Player;
  readonly status: PlayerSnapshot['state']['status'];
}) {
  const canPause = status === 'playing' || status === 'behind' || status === 'stalled';
  if (canPause) {
    return (
      <IconButton
        look="video"
        label={t('player.pause')}
        tip="start"
        icon={<Pause size={28} fill="currentColor" strokeWidth={0} />}
        onClick={() => {
          player.pause();
        }}
      />
    );
  }
  return (
    <IconButton
      look="video"
      label={t('player.play')}
      tip="start"
      icon={<Play size={28} fill="currentColor" strokeWidth={0} />}
      aria-disabled={status !== 'paused'}
      onClick={() => {
        player.play();
      }}
    />
  );
}

export function Controls(props: ControlsProps) {
  const { player, snapshot, visible, holders, stage, settings, fullscreen, onPip, onTheatre, theatre, onMenu } = props;
  const { compact } = useViewport();
  const goLive = () => {
    player.goLive();
  };
  return (
    <div
      role="group"
      aria-label={t('player.controls')}
      {...holders}
      className={`absolute inset-x-0 bottom-0 z-20 flex items-center gap-1 bg-gradient-to-t from-video-shade to-transparent px-3 pt-12 pb-2 transition-opacity duration-200 overlaid:px-5 overlaid:pb-4 ${visible ? '' : 'opacity-0'}`}
    >
      <PlayButton player={player} status={snapshot.state.status} />
      <Volume
        volume={snapshot.volume}
        muted={snapshot.muted}
        onVolume={(volume) => {
          player.setVolume(volume);
        }}
        onMuted={(muted) => {
          player.setMuted(muted);
        }}
      />
      <LiveReadout snapshot={snapshot} onGoLive={goLive} />
      <div className="ms-auto flex items-center gap-1">
        <MenuButton
          look="video"
          side="top"
          label={t('player.settings')}
          icon={<Settings size={24} />}
          pages={settings}
          sheet={compact}
          container={stage}
          onOpenChange={onMenu}
        />
        <IconButton
          look="video"
          label={t('player.theatre')}
          icon={<RectangleHorizontal size={24} />}
          aria-pressed={theatre}
          className="max-desktop:hidden"
          onClick={onTheatre}
        />
        {onPip ? (
          <IconButton
            look="video"
            label={t('player.pip')}
            icon={<PictureInPicture2 size={24} />}
            className="max-phone:hidden"
            onClick={onPip}
          />
        ) : null}
        <IconButton
          look="video"
          label={fullscreen.isFullscreen ? t('player.exitFullscreen') : t('player.fullscreen')}
          tip="end"
          icon={fullscreen.isFullscreen ? <Minimize size={24} /> : <Maximize size={24} />}
          onClick={fullscreen.toggle}
        />
      </div>
    </div>
  );
}
