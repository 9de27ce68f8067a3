import { useCallback, useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => {
    document.removeEventListener('fullscreenchange', listener);
  };
}

interface IphoneVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

/** Full screen of the whole stage; an iPhone can only do it with the video itself. */
export function useFullscreen(stage: HTMLElement | null, video: () => HTMLVideoElement | null) {
  const isFullscreen = useSyncExternalStore(subscribe, () => stage !== null && document.fullscreenElement === stage);
  const toggle = useCallback(() => {
    // A browser that refuses (an embedding page may forbid it) leaves everything as it is.
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    else if (stage && document.fullscreenEnabled) void stage.requestFullscreen().catch(() => undefined);
    else (video() as IphoneVideo | null)?.webkitEnterFullscreen?.();
  }, [stage, video]);
  return { isFullscreen, toggle };
}
