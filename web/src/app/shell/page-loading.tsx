import { t } from '@/lib/i18n/t';

/** A thin bar on top, for a page whose code takes longer than a blink to come. */
export function PageLoading() {
  return (
    <div role="status" className="min-h-dvh">
      <div className="fixed inset-x-0 top-0 z-50 h-0.5 origin-left animate-[progress_8s_400ms_cubic-bezier(0,0.6,0.1,1)_both] bg-accent rtl:origin-right" />
      <span className="sr-only">{t('app.loadingPage')}</span>
    </div>
  );
}
