import { bestOffset, observeDate, unknownOffset } from '@/lib/time/clock-offset';

let offset = unknownOffset;

/** Every answer of our own server tells its time. */
export function observeResponse(response: Response, sentAt: number): void {
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) offset = observeDate(offset, date, sentAt, Date.now());
}

export function serverNow(): number {
  return Date.now() + bestOffset(offset);
}
