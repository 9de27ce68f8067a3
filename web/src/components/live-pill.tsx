import { t } from '@/lib/i18n/t';

export function LivePill() {
  return (
    <span className="inline-flex h-5 items-center rounded-full bg-danger px-2 text-pill tracking-wide text-on-danger">
      {t('channel.live')}
    </span>
  );
}
