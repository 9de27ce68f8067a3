import { useCallback, useEffect, useState } from 'react';
import { chooseEngine } from '@/lib/player/choose-engine';
import { Player } from '@/lib/player/player';

export interface Playback {
  readonly url: string;
  /** Another number means another stream behind the same address. */
  readonly count: number;
  readonly draining: boolean;
  readonly onEnded: () => void;
  readonly onDrained: () => void;
  readonly onDenied: () => void;
}

/** Testing the browser's own HLS needs no iPhone: `?player=native`. */
function isNativeForced(): boolean {
  return new URLSearchParams(window.location.search).get('player') === 'native';
}

/** A player that lives as long as the element which gets `attach` as its ref. */
export function usePlayer({ url, count, draining, onEnded, onDrained, onDenied }: Playback) {
  const [player, setPlayer] = useState<Player | null>(null);
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);

  const attach = useCallback((element: HTMLVideoElement) => {
    const created = new Player(element, chooseEngine(element, isNativeForced()));
    setPlayer(created);
    setVideo(element);
    return () => {
      created.destroy();
      setPlayer(null);
      setVideo(null);
    };
  }, []);

  useEffect(() => {
    if (!player) return;
    const unsubscribe = [player.on('ended', onEnded), player.on('drained', onDrained), player.on('denied', onDenied)];
    return () => {
      for (const stop of unsubscribe) stop();
    };
  }, [player, onEnded, onDrained, onDenied]);

  useEffect(() => {
    player?.load(url);
  }, [player, url, count]);

  useEffect(() => {
    if (draining) player?.drain();
  }, [player, draining]);

  return { player, video, attach };
}
