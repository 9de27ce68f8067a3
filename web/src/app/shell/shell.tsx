import type { ReactNode } from 'react';
import { House } from 'lucide-react';
import { Link, NavLink, useMatch } from 'react-router';
import { LiveRegions } from '@/app/shell/live-regions';
import { OfflineBanner } from '@/app/shell/offline-banner';
import { ShellMenu } from '@/app/shell/shell-menu';
import { useScrollMemory } from '@/app/shell/use-scroll-memory';
import { Mark } from '@/components/logo';
import { t } from '@/lib/i18n/t';
import { useStored } from '@/lib/storage/use-stored';
import { uiSettings } from '@/lib/ui-settings/ui-settings';

const railItem =
  'tip tip-side relative flex size-11 items-center justify-center rounded-full text-text-2 transition-colors hover:bg-s2 hover:text-text ' +
  'aria-[current=page]:text-accent aria-[current=page]:before:absolute aria-[current=page]:before:inset-y-2.5 ' +
  'aria-[current=page]:before:-start-2.5 aria-[current=page]:before:w-1 aria-[current=page]:before:rounded-e-full aria-[current=page]:before:bg-accent';

function Rail() {
  return (
    <nav
      aria-label={t('app.navigation')}
      className="fixed inset-y-0 start-0 z-40 flex w-16 flex-col items-center border-e border-line bg-s1 py-4 compact:hidden"
    >
      <Link to="/" aria-label={t('app.homeLogo')} className="flex size-11 items-center justify-center rounded-tile">
        <Mark className="w-9" />
      </Link>
      <ul className="flex flex-1 flex-col justify-center gap-2">
        <li>
          <NavLink to="/" end className={railItem} aria-label={t('app.home')} data-tip={t('app.home')}>
            <House size={24} />
          </NavLink>
        </li>
      </ul>
      <ShellMenu sheet={false} />
    </nav>
  );
}

function BottomBar() {
  return (
    <nav
      aria-label={t('app.navigation')}
      className="safe-bottom fixed inset-x-0 bottom-0 z-40 border-t border-line bg-s1 roomy:hidden"
    >
      <ul className="flex h-14 items-center justify-around">
        <li>
          <NavLink
            to="/"
            end
            className="flex h-14 min-w-20 flex-col items-center justify-center gap-0.5 text-caption text-text-2 aria-[current=page]:text-accent"
          >
            <House size={22} aria-hidden="true" />
            {t('app.home')}
          </NavLink>
        </li>
        <li>
          <ShellMenu sheet />
        </li>
      </ul>
    </nav>
  );
}

/** The frame of every page: rail or bottom bar, skip link, banners, live regions. */
export function Shell({ children }: { readonly children: ReactNode }) {
  useScrollMemory();
  const { theatre } = useStored(uiSettings);
  const isChannel = useMatch('/:username') !== null;
  // The channel page brings its own menu button, and in theatre mode the picture has the whole width.
  const railHidden = isChannel && theatre;
  return (
    <>
      <a
        href="#content"
        className="fixed start-4 top-4 z-90 -translate-y-24 rounded-full bg-primary px-5 py-3 font-bold text-on-primary focus:translate-y-0"
      >
        {t('app.skipToContent')}
      </a>
      {railHidden ? null : <Rail />}
      <div
        className={`min-h-dvh ${railHidden ? '' : 'roomy:ps-16'} ${isChannel ? '' : 'compact:pb-[calc(56px+env(safe-area-inset-bottom))]'}`}
      >
        <OfflineBanner />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
      {isChannel ? null : <BottomBar />}
      <LiveRegions />
    </>
  );
}
