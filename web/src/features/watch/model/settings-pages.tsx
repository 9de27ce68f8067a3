import { Activity, Gauge, Keyboard, Timer } from 'lucide-react';
import type { MenuItem, MenuPages } from '@/components/menu-model';
import { qualityLabel, qualityRate } from '@/features/watch/model/quality-label';
import { t } from '@/lib/i18n/t';
import { matchQuality, type QualityChoice } from '@/lib/player/model/quality';
import type { LatencyMode } from '@/lib/player/model/latency-keeper';
import type { PlayerSnapshot } from '@/lib/player/player';

export interface SettingsActions {
  readonly onQuality: (choice: QualityChoice) => void;
  readonly onLatency: (mode: LatencyMode) => void;
  readonly onStatistics: () => void;
  readonly onShortcuts: () => void;
}

type View = Pick<PlayerSnapshot, 'qualities' | 'quality' | 'playingQuality' | 'latencyMode'>;

function autoLabel({ qualities, quality, playingQuality }: View): string {
  const playing = playingQuality === null ? undefined : qualities[playingQuality];
  if (quality !== 'auto' || !playing) return t('player.qualityAuto');
  return t('player.qualityAutoPlaying', { label: qualityLabel(playing) });
}

function qualityItems(view: View, onQuality: SettingsActions['onQuality']): MenuItem[] {
  const { qualities, quality } = view;
  const chosen = quality === 'auto' ? -1 : matchQuality(qualities, quality);
  const rows = qualities.map<MenuItem>((item, index) => ({
    kind: 'choice',
    label: qualityLabel(item),
    hint: qualityRate(item),
    checked: index === chosen,
    onSelect: () => {
      onQuality(item.height);
    },
  }));
  const auto: MenuItem = {
    kind: 'choice',
    label: autoLabel(view),
    checked: quality === 'auto',
    onSelect: () => {
      onQuality('auto');
    },
  };
  return [auto, ...rows];
}

function latencyItems(mode: LatencyMode, onLatency: SettingsActions['onLatency']): MenuItem[] {
  const item = (value: LatencyMode, label: string, hint: string): MenuItem => ({
    kind: 'choice',
    label,
    hint,
    checked: mode === value,
    onSelect: () => {
      onLatency(value);
    },
  });
  return [
    item('low', t('player.latencyLow'), t('player.latencyLowHint')),
    item('stable', t('player.latencyStable'), t('player.latencyStableHint')),
  ];
}

export function settingsPages(view: View, actions: SettingsActions): MenuPages {
  const chosen = view.quality === 'auto' ? undefined : view.qualities[matchQuality(view.qualities, view.quality)];
  const quality: MenuItem = {
    kind: 'page',
    page: 'quality',
    icon: <Gauge size={20} aria-hidden="true" />,
    label: t('player.quality'),
    hint: chosen ? qualityLabel(chosen) : autoLabel(view),
  };
  return {
    root: {
      items: [
        // A browser that plays HLS itself offers no choice.
        ...(view.qualities.length > 0 ? [quality] : []),
        {
          kind: 'page',
          page: 'latency',
          icon: <Timer size={20} aria-hidden="true" />,
          label: t('player.latency'),
          hint: view.latencyMode === 'low' ? t('player.latencyLow') : t('player.latencyStable'),
        },
        {
          kind: 'action',
          icon: <Activity size={20} aria-hidden="true" />,
          label: t('player.statistics'),
          onSelect: actions.onStatistics,
        },
        {
          kind: 'action',
          icon: <Keyboard size={20} aria-hidden="true" />,
          label: t('app.shortcuts'),
          onSelect: actions.onShortcuts,
        },
      ],
    },
    quality: { title: t('player.quality'), items: qualityItems(view, actions.onQuality) },
    latency: { title: t('player.latency'), items: latencyItems(view.latencyMode, actions.onLatency) },
  };
}
