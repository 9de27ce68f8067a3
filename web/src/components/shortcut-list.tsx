import { Dialog } from '@/components/dialog';
import { t } from '@/lib/i18n/t';
import { useStored } from '@/lib/storage/use-stored';
import { uiSettings } from '@/lib/ui-settings/ui-settings';

interface ShortcutListProps {
  readonly onClose: () => void;
  readonly container?: HTMLElement | null;
}

function rows(): readonly (readonly [keys: readonly string[], text: string])[] {
  return [
    [['Space', 'K'], t('keys.playPause')],
    [['M'], t('keys.mute')],
    [['↑', '↓'], t('keys.volume')],
    [['F'], t('keys.fullscreen')],
    [['T'], t('keys.theatre')],
    [['I'], t('keys.pip')],
    [['L'], t('keys.live')],
    [['←', '→'], t('keys.seek')],
    [['S'], t('keys.statistics')],
    [['?'], t('keys.list')],
    [['Esc'], t('keys.escape')],
  ];
}

export function ShortcutList({ onClose, container }: ShortcutListProps) {
  const { shortcuts } = useStored(uiSettings);
  return (
    <Dialog title={t('keys.title')} onClose={onClose} container={container ?? null}>
      {shortcuts ? null : <p className="pb-2 text-warn">{t('keys.off')}</p>}
      <dl>
        {rows().map(([keys, text]) => (
          <div key={text} className="flex items-center justify-between gap-6 border-b border-line py-2 last:border-0">
            <dt className="text-text-2">{text}</dt>
            <dd className="flex shrink-0 gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-8 rounded-lg border border-line-control bg-s2 px-2 py-1 text-center font-sans text-small font-bold"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
