import { useEffect, useState, useSyncExternalStore } from 'react';
import { PlayerSurface } from '@/features/watch/components/player-surface';
import { useControlsVisibility } from '@/features/watch/hooks/use-controls-visibility';
import { usePlayer, type Playback } from '@/features/watch/hooks/use-player';
import { t } from '@/lib/i18n/t';
import type { Player } from '@/lib/player/player';

export interface LivePlayerProps {
  readonly playback: Playback;
  readonly name: string;
  readonly title: string;
  /** What goes full screen, and where the pointer is watched. */
  readonly stage: HTMLElement | null;
  readonly onControls: (visible: boolean) => void;
}

const never = () => () => undefined;

/** States in which the controls stay: there is a decision to take. */
function usePinned(player: Player | null): boolean {
  const status = useSyncExternalStore(player?.subscribe ?? never, () => player?.getSnapshot().state.status);
  return status === 'paused' || status === 'failed' || status === 'loading' || status === undefined;
}

export function LivePlayer({ playback, name, title, stage, onControls }: LivePlayerProps) {
  const { player, video, attach } = usePlayer(playback);
  const [menuOpen, setMenuOpen] = useState(false);
  const pinned = usePinned(player);
  const controls = useControlsVisibility(stage, pinned || menuOpen);
  useEffect(() => {
    onControls(controls.visible);
    return () => {
      onControls(true);
    };
  }, [controls.visible, onControls]);

  const onTap = (event: React.PointerEvent) => {
    if (player?.getSnapshot().needsTap) player.setMuted(false);
    else if (event.pointerType === 'touch' && !menuOpen) controls.toggle();
  };
  const onDoubleClick = () => {
    if (!stage || !document.fullscreenEnabled) return;
    void (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()).catch(() => undefined);
  };
  return (
    <section aria-label={t('player.region')} className={`absolute inset-0 ${controls.visible ? '' : 'cursor-none'}`}>
      {/* A live stream carries its captions inside, if it has any; there is no file to name here. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={attach}
        playsInline
        onPointerUp={onTap}
        onDoubleClick={onDoubleClick}
        className="size-full object-contain"
      />
      {player ? <PlayerSurface {...{ player, video, stage, name, title, controls }} onMenu={setMenuOpen} /> : null}
    </section>
  );
}
