/**
 * What is known about `server clock − our clock`, in milliseconds. An HTTP `Date` has whole seconds, so one
 * answer only bounds the offset; the bounds of several answers cut each other down.
 */
export interface ClockOffset {
  readonly low: number;
  readonly high: number;
}

export const unknownOffset: ClockOffset = { low: -Infinity, high: Infinity };

/** `date` was read on the server's clock somewhere between sending the request and getting the answer. */
export function observeDate(known: ClockOffset, date: number, sentAt: number, receivedAt: number): ClockOffset {
  const low = date - receivedAt;
  const high = date + 1000 - sentAt;
  const next = { low: Math.max(known.low, low), high: Math.min(known.high, high) };
  // Bounds that exclude each other mean that a clock was set: begin again with the newest.
  return next.low <= next.high ? next : { low, high };
}

/** A clock that may be right is taken to be right: one that is synchronised has offset 0. */
export function bestOffset({ low, high }: ClockOffset): number {
  if (low <= 0 && high >= 0) return 0;
  if (!Number.isFinite(low)) return high;
  if (!Number.isFinite(high)) return low;
  return (low + high) / 2;
}
