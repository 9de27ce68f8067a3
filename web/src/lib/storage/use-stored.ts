import { useSyncExternalStore } from 'react';
import type { Stored } from '@/lib/storage/storage';

export function useStored<T>(stored: Stored<T>): T {
  return useSyncExternalStore(stored.subscribe, stored.get);
}
