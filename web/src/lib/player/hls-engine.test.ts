import { describe, expect, test } from 'vitest';
import { ErrorDetails } from 'hls.js';
import { hlsConfig, readError } from '@/lib/player/hls-engine';

test('the configuration is exactly the specified one', () => {
  expect(hlsConfig({ latency: 'low', bandwidth: null })).toEqual({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.1,
    liveSyncOnStallIncrease: 0.25,
    liveDurationInfinity: true,
    backBufferLength: 30,
    maxBufferLength: 12,
    maxMaxBufferLength: 30,
    capLevelToPlayerSize: true,
    startLevel: -1,
    abrEwmaDefaultEstimate: 2_000_000,
    enableWorker: true,
    workerPath: expect.stringContaining('hls.worker') as string,
    preferManagedMediaSource: false,
    enableEmsgMetadataCues: true,
    enableID3MetadataCues: true,
  });
  expect(hlsConfig({ latency: 'stable', bandwidth: 5e6 })).toMatchObject({
    lowLatencyMode: false,
    abrEwmaDefaultEstimate: 5e6,
  });
});

describe('readError', () => {
  const error = (details: ErrorDetails, fatal: boolean, code?: number) =>
    readError({ details, fatal, ...(code === undefined ? {} : { response: { code, text: '', url: '', data: '' } }) });

  test.each([
    [error(ErrorDetails.MANIFEST_LOAD_ERROR, true, 404), { type: 'manifest-missing' }],
    [error(ErrorDetails.MANIFEST_LOAD_ERROR, true, 403), { type: 'denied' }],
    [error(ErrorDetails.LEVEL_LOAD_ERROR, false, 401), { type: 'denied' }],
    [error(ErrorDetails.MANIFEST_LOAD_ERROR, true, 0), { type: 'fatal', gone: false, detail: 'manifestLoadError' }],
    [error(ErrorDetails.LEVEL_LOAD_ERROR, true, 404), { type: 'fatal', gone: true, detail: 'levelLoadError (404)' }],
    [error(ErrorDetails.FRAG_LOAD_ERROR, true, 410), { type: 'fatal', gone: true, detail: 'fragLoadError (410)' }],
    [error(ErrorDetails.LEVEL_LOAD_ERROR, true, 503), { type: 'fatal', gone: false, detail: 'levelLoadError (503)' }],
    [error(ErrorDetails.LEVEL_LOAD_ERROR, false, 503), { type: 'trouble', detail: 'levelLoadError (503)' }],
    [error(ErrorDetails.BUFFER_STALLED_ERROR, false), { type: 'trouble', detail: 'bufferStalledError' }],
    [
      error(ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR, true),
      { type: 'unsupported', detail: 'manifestIncompatibleCodecsError' },
    ],
  ])('%#', (signal, expected) => {
    expect(signal).toEqual(expected);
  });
});
