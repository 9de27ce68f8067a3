import { useEffect, useState } from 'react';
import { Play } from 'lucide-react';
import { Button } from '@/components/button';
import { BrokenLamp } from '@/components/illustration';
import { Spinner } from '@/components/spinner';
import { t } from '@/lib/i18n/t';
import type { PlayerState } from '@/lib/player/model/machine';

interface StateOverlayProps {
  readonly state: PlayerState;
  readonly name: string;
  readonly onRetry: () => void;
  readonly onPlay: () => void;
}

/** Rebuilds that say nothing: two of them are over before anybody has read a sentence. */
const quietRebuilds = 2;

export function StateOverlay({ state, name, onRetry, onPlay }: StateOverlayProps) {
  switch (state.status) {
    case 'loading':
      return <Waiting text={state.starting ? t('player.starting') : ''} name={t('player.loading')} />;
    case 'stalled':
      return state.cause === 'source' ? (
        <Waiting text={t('player.sourceStopped', { name })} name="" />
      ) : (
        <Waiting text="" name={t('player.stalled')} />
      );
    case 'recovering':
      return state.attempt > quietRebuilds && state.retryAt !== null ? (
        <Retry retryAt={state.retryAt} onRetry={onRetry} />
      ) : (
        <Waiting text="" name={t('player.recovering')} />
      );
    case 'failed':
      return <Failed reason={state.reason} />;
    case 'paused':
      return (
        <div className="overlay">
          <button
            type="button"
            aria-label={t('player.resume')}
            onClick={onPlay}
            className="flex size-20 items-center justify-center rounded-full bg-video-shade text-on-video transition-transform hover:scale-105"
          >
            <Play size={40} fill="currentColor" strokeWidth={0} className="ms-1" />
          </button>
        </div>
      );
    // The stream came to its end; whether there is another one is being asked.
    case 'idle':
      return <Waiting text="" name={t('player.recovering')} />;
    case 'playing':
    case 'behind':
    case 'draining':
      return null;
  }
}

function Waiting({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <div className="overlay pointer-events-none" role="status">
      <div className="flex max-w-md animate-[appear_200ms] flex-col items-center gap-4 px-6 text-center">
        <Spinner />
        {text ? <p className="rounded-full bg-video-shade px-4 py-2 font-bold">{text}</p> : null}
        {name ? <span className="sr-only">{name}</span> : null}
      </div>
    </div>
  );
}

function Retry({ retryAt, onRetry }: { readonly retryAt: number; readonly onRetry: () => void }) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(performance.now());
    }, 500);
    return () => {
      window.clearInterval(timer);
    };
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div className="overlay bg-video-shade">
      <div className="flex max-w-md flex-col items-center gap-4 px-6 text-center">
        <BrokenLamp className="w-32 text-on-video-2" />
        <p className="text-h3 tabular-nums">{t('player.keepsStopping', { seconds })}</p>
        <Button look="video" onClick={onRetry}>
          {t('player.retryNow')}
        </Button>
      </div>
    </div>
  );
}

function Failed({ reason }: { readonly reason: 'denied' | 'unsupported' }) {
  return (
    <div className="overlay" role="alert">
      <div className="flex max-w-md flex-col items-center gap-4 px-6 text-center">
        <BrokenLamp className="w-36 text-on-video-2" />
        <p className="text-h3">{reason === 'denied' ? t('player.failedDenied') : t('player.failedUnsupported')}</p>
      </div>
    </div>
  );
}
