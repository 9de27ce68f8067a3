import { Component, type ReactNode } from 'react';
import { Button, buttonClass } from '@/components/button';
import { BrokenLamp } from '@/components/illustration';
import { StateBlock } from '@/components/state-block';
import { t } from '@/lib/i18n/t';

interface State {
  readonly reference: string | null;
}

const reloadedKey = 'klieg.reloaded';

/** A chunk of an older build is gone after an update; the page that is there now has a newer name for it. */
function isChunkFailure(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|importing a module script/i.test(error.message);
}

function reloadOnce(): boolean {
  try {
    if (sessionStorage.getItem(reloadedKey)) return false;
    sessionStorage.setItem(reloadedKey, '1');
  } catch {
    // Without a memory it could reload for ever.
    return false;
  }
  window.location.reload();
  return true;
}

function createReference(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(36).padStart(2, '0')).join('');
}

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { reference: null };

  static getDerivedStateFromError(): State {
    return { reference: createReference() };
  }

  override componentDidCatch(error: unknown): void {
    if (isChunkFailure(error)) reloadOnce();
  }

  override render(): ReactNode {
    const { reference } = this.state;
    if (reference === null) return this.props.children;
    return (
      <main className="flex min-h-dvh items-center justify-center">
        <StateBlock
          level="h1"
          illustration={<BrokenLamp />}
          title={t('error.title')}
          action={
            <div className="flex flex-wrap justify-center gap-3">
              <Button
                onClick={() => {
                  window.location.reload();
                }}
              >
                {t('app.reload')}
              </Button>
              <a href="/" className={buttonClass('secondary')}>
                {t('app.goHome')}
              </a>
            </div>
          }
        >
          <p>{t('error.body')}</p>
          <p className="pt-2 font-mono text-small select-all">{t('error.reference', { id: reference })}</p>
        </StateBlock>
      </main>
    );
  }
}
