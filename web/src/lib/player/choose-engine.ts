import type { CreateEngine } from '@/lib/player/engine';
import { canUseHls, HlsEngine } from '@/lib/player/hls-engine';
import { canUseNative, NativeEngine } from '@/lib/player/native-engine';

/** hls.js wherever MediaSource or ManagedMediaSource exists, else the browser's own HLS; null if neither can play. */
export function chooseEngine(video: HTMLVideoElement, forceNative: boolean): CreateEngine | null {
  if (!forceNative && canUseHls()) return (element, options) => new HlsEngine(element, options);
  return canUseNative(video) ? (element, options) => new NativeEngine(element, options) : null;
}
