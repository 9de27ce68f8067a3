import { formatFixed } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';
import type { Quality } from '@/lib/player/model/quality';

/** "720p", or "720p60" where the frame rate is more than usual. */
export function qualityLabel({ height, frameRate }: Quality): string {
  if (height === 0) return t('player.qualityAudio');
  const text = String(height);
  if (frameRate > 31) return t('player.qualityLabelFps', { height: text, fps: String(Math.round(frameRate)) });
  return t('player.qualityLabel', { height: text });
}

export function qualityRate({ bitrate }: Quality): string {
  return t('player.qualityRate', { rate: formatFixed(bitrate / 1_000_000, 1) });
}
