import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/lib/api-client/api-client';

/** Network trouble and faults of the server are tried twice more; a refusal is final. */
export function shouldRetry(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.status === 429;
}

export function retryDelay(failures: number, error: Error): number {
  if (error instanceof ApiError && error.retryAfterMs !== null) return error.retryAfterMs;
  return Math.min(1000 * 2 ** failures, 8000);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 30_000, retry: shouldRetry, retryDelay } },
  });
}
