import { formatFixed } from '@/lib/format/format';
import { t } from '@/lib/i18n/t';
import type { PlayerSnapshot, PlayerStatistics } from '@/lib/player/player';
import { qualityLabel } from '@/features/watch/model/quality-label';

export interface StatisticsRow {
  readonly name: string;
  readonly value: string;
}

const none = () => t('stats.none');

function seconds(value: number | null | undefined): string {
  return value == null ? none() : t('stats.seconds', { value: formatFixed(value, 2) });
}

function mbit(value: number | null): string {
  return value === null ? none() : t('stats.mbit', { value: formatFixed(value / 1_000_000, 2) });
}

function parts({ sample }: PlayerStatistics): string {
  const length = sample?.partTarget ?? 0;
  return length > 0 ? t('stats.partsOn', { seconds: formatFixed(length, 3) }) : t('stats.partsOff');
}

export function statisticsRows(
  stats: PlayerStatistics,
  { qualities, playingQuality }: Pick<PlayerSnapshot, 'qualities' | 'playingQuality'>,
): StatisticsRow[] {
  const playing = playingQuality === null ? undefined : qualities[playingQuality];
  return [
    { name: t('stats.rendition'), value: playing ? qualityLabel(playing) : none() },
    {
      name: t('stats.resolution'),
      value: stats.width > 0 ? `${String(stats.width)} × ${String(stats.height)}` : none(),
    },
    { name: t('stats.codecs'), value: stats.codecs ?? none() },
    {
      name: t('stats.frames'),
      value: t('stats.framesValue', { decoded: stats.decodedFrames, dropped: stats.droppedFrames }),
    },
    { name: t('stats.bitrate'), value: mbit(stats.bitrate) },
    { name: t('stats.bandwidth'), value: mbit(stats.bandwidth) },
    { name: t('stats.delay'), value: seconds(stats.delay) },
    { name: t('stats.target'), value: seconds(stats.sample?.target) },
    { name: t('stats.buffer'), value: seconds(stats.buffer) },
    { name: t('stats.rate'), value: t('stats.times', { value: formatFixed(stats.rate, 2) }) },
    { name: t('stats.stalls'), value: String(stats.stalls) },
    { name: t('stats.parts'), value: parts(stats) },
    { name: t('stats.lastError'), value: stats.lastError ?? none() },
    { name: t('stats.build'), value: stats.build || none() },
  ];
}

export function statisticsText(rows: readonly StatisticsRow[]): string {
  return rows.map(({ name, value }) => `${name}: ${value}`).join('\n');
}
