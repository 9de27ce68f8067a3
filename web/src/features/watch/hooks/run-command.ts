import type { Command } from '@/features/watch/model/shortcuts';
import { announce } from '@/lib/announcer/announcer';
import { t } from '@/lib/i18n/t';
import type { Player } from '@/lib/player/player';

export interface CommandTargets {
  readonly player: Player;
  readonly show: (text: string) => void;
  readonly onFullscreen: () => void;
  readonly onTheatre: () => void;
  readonly onPip: (() => void) | null;
  readonly onStatistics: () => void;
  readonly onShortcuts: () => void;
  /** Closes the innermost thing that Escape closes; false if nothing is open. */
  readonly onClose: () => boolean;
}

const volumeStep = 0.05;

function changeVolume({ player, show }: CommandTargets, by: number): void {
  const { volume, muted } = player.getSnapshot();
  player.setVolume(Math.round(((muted ? 0 : volume) + by) * 20) / 20);
  const text = t('bezel.volume', { percent: Math.round(player.getSnapshot().volume * 100) });
  show(text);
  announce(text);
}

function toggleMute({ player, show }: CommandTargets): void {
  const { muted, volume } = player.getSnapshot();
  player.setMuted(!muted);
  const text = muted ? t('bezel.volume', { percent: Math.round(volume * 100) }) : t('bezel.muted');
  show(text);
  announce(text);
}

function togglePlay({ player, show }: CommandTargets): void {
  if (player.getSnapshot().state.status === 'paused') {
    player.play();
    show(t('bezel.play'));
  } else {
    player.pause();
    show(t('bezel.pause'));
  }
}

function seek({ player, show }: CommandTargets, seconds: number, text: string): boolean {
  if (!player.getSnapshot().canSeek) return false;
  player.seekBy(seconds);
  show(text);
  return true;
}

/** Runs a command; false means that there was nothing to do, and the key is left to the browser. */
export function runCommand(command: Command, targets: CommandTargets): boolean {
  switch (command) {
    case 'play-pause':
      togglePlay(targets);
      return true;
    case 'mute':
      toggleMute(targets);
      return true;
    case 'volume-up':
      changeVolume(targets, volumeStep);
      return true;
    case 'volume-down':
      changeVolume(targets, -volumeStep);
      return true;
    case 'fullscreen':
      targets.onFullscreen();
      return true;
    case 'theatre':
      targets.onTheatre();
      return true;
    case 'pip':
      targets.onPip?.();
      return targets.onPip !== null;
    case 'go-live':
      targets.player.goLive();
      targets.show(t('bezel.live'));
      return true;
    case 'seek-back':
      return seek(targets, -5, t('bezel.back'));
    case 'seek-forward':
      return seek(targets, 5, t('bezel.forward'));
    case 'statistics':
      targets.onStatistics();
      return true;
    case 'shortcuts':
      targets.onShortcuts();
      return true;
    case 'close':
      return targets.onClose();
  }
}
