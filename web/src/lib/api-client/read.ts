/** Readers of single members: a member of the wrong type is treated like one that is missing. */
import { isRecord } from '@/lib/storage/storage';

export class ShapeError extends Error {
  override name = 'ShapeError';
}

export function readRecord(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new ShapeError('expected an object');
  return value;
}

export function readString(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ShapeError('expected a text');
  return value;
}

export function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function readOptionalString(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function readCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

export function readTime(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

/** An address to fetch media or a picture from: http(s) or relative to us, never `javascript:` or `data:`. */
export function readUrl(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  try {
    const url = new URL(value, window.location.origin);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** The name by which the visitor reached the server, where the server only knows itself as "localhost". */
export function visitedHost(host: string): string {
  return loopback.test(host) ? window.location.hostname : host;
}

/**
 * An address of this server's own media. A server that was told no public name calls itself "localhost"; whoever
 * visits it from elsewhere (or through the development proxy) reaches the same path by the name they used.
 */
export function readMediaUrl(value: unknown): string | null {
  const href = readUrl(value);
  if (href === null) return null;
  const url = new URL(href);
  return loopback.test(url.hostname) ? `${window.location.origin}${url.pathname}${url.search}` : href;
}

/** Items that cannot be read are left out; the rest of the list is still good. */
export function readList<T>(value: unknown, readItem: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    try {
      return [readItem(item)];
    } catch {
      return [];
    }
  });
}
