import { Link, useLocation } from 'react-router';
import { usePage } from '@/app/shell/use-page';
import { buttonClass } from '@/components/button';
import { SearchingBeam } from '@/components/illustration';
import { StateBlock } from '@/components/state-block';
import { t } from '@/lib/i18n/t';

export function NotFound() {
  const { pathname } = useLocation();
  usePage(t('notFound.pageTitle'));
  return (
    <div className="flex min-h-[80dvh] items-center justify-center">
      <StateBlock
        level="h1"
        illustration={<SearchingBeam />}
        title={t('notFound.title')}
        action={
          <Link to="/" className={buttonClass('primary')}>
            {t('app.goHome')}
          </Link>
        }
      >
        <p dir="auto" className="break-words">
          {t('notFound.body', { path: pathname })}
        </p>
      </StateBlock>
    </div>
  );
}
