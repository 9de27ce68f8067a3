import { useSyncExternalStore } from 'react';
import { WifiOff } from 'lucide-react';
import { t } from '@/lib/i18n/t';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function OfflineBanner() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {online ? null : (
        <p className="flex items-center justify-center gap-2 bg-s3 px-4 py-2 text-center text-small">
          <WifiOff size={16} aria-hidden="true" />
          {t('app.offlineBanner')}
        </p>
      )}
    </div>
  );
}
