import { useEffect } from 'react';
import type { Player } from '@/lib/player/player';

/** What the lock screen, the keyboard's media keys and the browser's own media panel show and do. */
export function useMediaSession(player: Player, name: string, title: string): void {
  useEffect(() => {
    if (!('mediaSession' in navigator)) return;
    const { mediaSession } = navigator;
    mediaSession.metadata = new MediaMetadata({ title: title || name, artist: name });
    mediaSession.setActionHandler('play', () => {
      player.play();
    });
    mediaSession.setActionHandler('pause', () => {
      player.pause();
    });
    return () => {
      mediaSession.metadata = null;
      mediaSession.setActionHandler('play', null);
      mediaSession.setActionHandler('pause', null);
    };
  }, [player, name, title]);
}
