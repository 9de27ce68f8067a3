import { useMediaQuery } from '@/lib/viewport/use-media-query';

export interface Viewport {
  /** Fingers, no pointer that can hover. */
  readonly touch: boolean;
  /** The bottom bar replaces the rail; dialogs become panels and menus become sheets. */
  readonly compact: boolean;
}

const touchQuery = '(hover: none) and (pointer: coarse)';
const compactQuery = `(width < 768px) or ((orientation: landscape) and ${touchQuery} and (width < 990px))`;

export function useViewport(): Viewport {
  return { touch: useMediaQuery(touchQuery), compact: useMediaQuery(compactQuery) };
}
