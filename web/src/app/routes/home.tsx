import { usePage } from '@/app/shell/use-page';
import { Wordmark } from '@/components/logo';
import { GoLiveSteps } from '@/features/discover/components/go-live-steps';
import { LiveChannels } from '@/features/discover/components/live-channels';
import { t } from '@/lib/i18n/t';

export function Home() {
  usePage(t('home.pageTitle'));
  return (
    <div className="mx-auto flex max-w-[1200px] flex-col gap-14 px-4 py-10 tablet:px-8 tablet:py-16">
      <header className="flex flex-col gap-6">
        <Wordmark className="h-10 self-start" />
        <h1 tabIndex={-1} className="max-w-3xl text-h1 text-balance tablet:text-display">
          {t('home.title')}
        </h1>
        <p className="max-w-xl text-h3 font-normal text-text-2">{t('home.lead')}</p>
      </header>
      <LiveChannels />
      <GoLiveSteps />
    </div>
  );
}
