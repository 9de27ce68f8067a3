import { beforeEach, describe, expect, test, vi } from 'vitest';
import { apiGet, ApiError } from '@/lib/api-client/api-client';
import { retryDelay, shouldRetry } from '@/lib/api-client/query-client';

const { signal } = new AbortController();
const identity = (value: unknown) => value;

function answer(body: BodyInit | null, init: ResponseInit = {}) {
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve(new Response(body, init))),
  );
}

describe('apiGet', () => {
  beforeEach(() => {
    answer('{"a":1}');
  });

  test('asks below /api and parses', async () => {
    await expect(apiGet('/config', identity, signal)).resolves.toEqual({ a: 1 });
    expect(fetch).toHaveBeenCalledWith('/api/config', expect.objectContaining({ signal }));
  });

  test('errors carry status, type, message, retry time and request id', async () => {
    answer('{"__type":"TooManyRequestsException","message":"slow down"}', {
      status: 429,
      headers: { 'Retry-After': '7', 'X-Request-Id': 'req-12345' },
    });
    const error = await apiGet('/x', identity, signal).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 429,
      type: 'TooManyRequestsException',
      message: 'slow down',
      retryAfterMs: 7000,
      requestId: 'req-12345',
    });
  });

  test('no server makes us wait longer than ten minutes', async () => {
    answer('{}', { status: 503, headers: { 'Retry-After': '86400' } });
    await expect(apiGet('/x', identity, signal)).rejects.toMatchObject({ retryAfterMs: 600_000 });
    answer('{}', { status: 503, headers: { 'Retry-After': 'soon' } });
    await expect(apiGet('/x', identity, signal)).rejects.toMatchObject({ retryAfterMs: null });
  });

  test.each(['<html>', '[]', '7', '{"__type":7}', ''])('an error without our shape: %s', async (body) => {
    answer(body, { status: 500 });
    await expect(apiGet('/x', identity, signal)).rejects.toMatchObject({ status: 500, type: '', message: '' });
  });

  test('what cannot be parsed is a fault of the server', async () => {
    answer('<html>');
    await expect(apiGet('/x', identity, signal)).rejects.toMatchObject({ status: 502, type: 'Unreadable' });
    answer('{}');
    const refuse = () => {
      throw new Error('no name');
    };
    await expect(apiGet('/x', refuse, signal)).rejects.toMatchObject({ status: 502, message: 'no name' });
  });

  test('no answer is status 0', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await expect(apiGet('/x', identity, signal)).rejects.toMatchObject({ status: 0 });
  });

  test('an abort stays an abort', async () => {
    const abort = new AbortController();
    abort.abort();
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('gone', 'AbortError')));
    await expect(apiGet('/x', identity, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('twice more for network and server, never for a refusal', () => {
  const of = (status: number) => new ApiError(status, '', '');
  expect([0, 500, 503, 429].map((status) => shouldRetry(1, of(status)))).toEqual([true, true, true, true]);
  expect([400, 401, 403, 404, 409].some((status) => shouldRetry(0, of(status)))).toBe(false);
  expect(shouldRetry(2, of(500))).toBe(false);
  expect(shouldRetry(0, new Error('other'))).toBe(true);
});

test('the server says when, else the wait doubles to 8 s', () => {
  expect(retryDelay(0, new ApiError(503, '', '', 30_000))).toBe(30_000);
  expect([0, 1, 2, 3, 9].map((failures) => retryDelay(failures, new Error()))).toEqual([1000, 2000, 4000, 8000, 8000]);
});
