import { isRecord } from '@/lib/storage/storage';
import { observeResponse } from '@/lib/time/server-clock';

/** Status 0 means that no answer came at all. */
export class ApiError extends Error {
  override name = 'ApiError';

  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly retryAfterMs: number | null = null,
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 600) * 1000 : null;
}

async function toError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const raw = isRecord(body) ? body : {};
  const type = typeof raw.__type === 'string' ? raw.__type : '';
  const message = typeof raw.message === 'string' ? raw.message : '';
  return new ApiError(response.status, type, message, retryAfter(response), response.headers.get('X-Request-Id'));
}

/** GET below `/api`. What `parse` cannot read counts as a fault of the server. */
export async function apiGet<T>(path: string, parse: (value: unknown) => T, signal: AbortSignal): Promise<T> {
  const sentAt = Date.now();
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      signal,
      headers: { Accept: 'application/json' },
      // Answers may be kept for a second; whether a channel is live must not be older than the question.
      cache: 'no-cache',
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, 'Network', 'no answer');
  }
  observeResponse(response, sentAt);
  if (!response.ok) throw await toError(response);
  try {
    return parse(await response.json());
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new ApiError(502, 'Unreadable', reason, null, response.headers.get('X-Request-Id'));
  }
}
