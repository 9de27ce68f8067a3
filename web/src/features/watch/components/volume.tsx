import { Volume1, Volume2, VolumeX } from 'lucide-react';
import { IconButton } from '@/components/button';
import { t } from '@/lib/i18n/t';

interface VolumeProps {
  readonly volume: number;
  readonly muted: boolean;
  readonly onVolume: (volume: number) => void;
  readonly onMuted: (muted: boolean) => void;
}

function VolumeIcon({ level }: { readonly level: number }) {
  if (level === 0) return <VolumeX size={26} />;
  return level < 0.5 ? <Volume1 size={26} /> : <Volume2 size={26} />;
}

export function Volume({ volume, muted, onVolume, onMuted }: VolumeProps) {
  const level = muted ? 0 : volume;
  const percent = Math.round(level * 100);
  const silent = level === 0;
  return (
    <div className="group/volume flex items-center">
      <IconButton
        look="video"
        label={silent ? t('player.unmute') : t('player.mute')}
        icon={<VolumeIcon level={level} />}
        tip="none"
        onClick={() => {
          // Unmuting what was turned down to nothing has to be audible.
          if (silent && volume === 0) onVolume(0.5);
          else onMuted(!muted);
        }}
      />
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        aria-label={t('player.volume')}
        aria-valuetext={t('player.volumeValue', { percent })}
        onChange={(event) => {
          onVolume(Number(event.currentTarget.value) / 100);
        }}
        style={{ '--fill': `${String(percent)}%` }}
        className="volume-slider h-11 w-0 opacity-0 transition-[width,opacity,margin] duration-200 group-focus-within/volume:me-2 group-focus-within/volume:w-20 group-focus-within/volume:opacity-100 group-hover/volume:me-2 group-hover/volume:w-20 group-hover/volume:opacity-100 pointer-coarse:hidden"
      />
    </div>
  );
}
