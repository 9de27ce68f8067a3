// Sees every check of the conformance checker pass on an origin that keeps the rules and fire on
// one that breaks them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkStream } from './check.mjs';
import { fakeInit, fakePart, fakeTag } from './fake-media.mjs';
import { FakeOrigin } from './fake-origin.mjs';
import { BoxError, readBoxes, readFragments, readInit, readTxxx } from './lib/boxes.mjs';
import { lintPlaylist } from './lib/lint.mjs';
import { mergeDelta, parseAttributes, parseMediaPlaylist, satisfies } from './lib/playlist.mjs';
import { Report } from './lib/report.mjs';

// Bounded by states, not by time: the origin waits for who follows it, on a busy machine too.
async function follow({ states = 30, jitterMs = 2000, ...origin } = {}) {
  const fake = new FakeOrigin(origin);
  const url = await fake.start();
  try {
    return await checkStream(url, { states, seconds: 60, jitterMs, timeoutMs: 20_000 });
  } finally {
    await fake.stop();
  }
}

test('an origin that keeps the rules passes, through a discontinuity', async () => {
  const report = await follow({ states: 60, resumeAt: 18 });
  assert.equal(report.ok, true, String(report));
  for (const rule of ['HL-p6', 'HL-p5', 'HL-t1', 'HL-t3', 'HL-12', 'HL-48', 'MD-t3'])
    assert.ok(report.checked(rule), rule);
});

test('an origin that ends its stream passes', async () => {
  const report = await follow({ states: 60, endAt: 20 });
  assert.equal(report.ok, true, String(report));
  assert.ok(report.checked('HL-27') > 1);
  assert.ok(report.checked('HL-41') > 0);
});

// What is done wrong -> the rule that must notice.
const FAULTS = {
  version: 'HL-20',
  targetDuration: 'HL-3',
  partTarget: 'HL-p1',
  partHoldBack: 'HL-21',
  noBlock: 'HL-p8',
  noDiscontinuitySequence: 'HL-22',
  mediaSequence: '2.4',
  dateRange: 'HL-30',
  start: 'HL-31',
  order: 'HL-23',
  pdt: 'HL-t1',
  extinf: 'HL-11',
  partsTooLong: 'HL-24',
  partsTooShort: 'HL-24',
  noHint: 'HL-25',
  wrongHint: 'HL-25',
  badReport: 'HL-26',
  msnZero: 'HL-1',
  skipTooMuch: 'HL-47',
  neverBlocks: 'HL-p7',
  acceptsAnything: 'HL-42',
  hold: 'HL-45',
  hintNotBlocking: 'HL-48',
  partDuration: 'HL-11',
  independent: 'HL-9',
  segmentBytes: 'HL-10',
  missingSegments: 'HL-10',
  partReused: 'HL-p5',
  edts: 'HL-p16',
  brands: '2.3',
  trunVersion: 'HL-p16',
  sampleFlags: '2.3',
  spsInside: '2.3',
  dataOffset: 'HL-t3',
  styp: '2.3',
  sequence: '2.3',
  timeGap: 'HL-t3',
  eventTime: 'MD-t3',
  eventScheme: '3.3',
  eventVersion: '3.3',
  eventTag: '3.2',
  codecs: '2.5',
  bandwidth: 'HL-p10',
  resolution: '2.5',
  frameRate: '2.5',
  noChannelId: '2.5',
  noCors: '2.7',
  noExpose: '2.7',
  noNosniff: '2.7',
  noVary: 'HL-p15',
  noGzip: 'HL-p14',
  date: 'HL-p9',
  chunked: '2.7',
  type: '2.7',
  cacheErrors: 'HL-t7',
  mediaCache: 'HL-t7',
  playlistCache: 'HL-t7',
  plainErrors: '2.7',
  allMethods: '2.7',
  noRange: '2.7',
  noConditional: '2.7',
};

test('every fault is noticed by its rule', { concurrency: 8 }, async (t) => {
  const faults = Object.entries(FAULTS).map(([name, rule]) =>
    t.test(`${name} breaks ${rule}`, async () => {
      const report = await follow({ faults: { [name]: true } });
      assert.ok(report.failed(rule), `${name}: broken are ${report.failedRules}\n${report}`);
    }),
  );
  await Promise.all(faults);
});

test('faults around a discontinuity are noticed', async () => {
  for (const [name, rule] of Object.entries({ noMap: 'HL-12', flapping: '2.4' })) {
    const report = await follow({ resumeAt: 17, faults: { [name]: true } });
    assert.ok(report.failed(rule), `${name}: broken are ${report.failedRules}`);
  }
  const report = await follow({ states: 45, resumeAt: 4, faults: { discontinuitySequence: true } });
  assert.ok(report.failed('HL-22'), `discontinuitySequence: broken are ${report.failedRules}`);
});

test('a part that dribbles in is noticed', async () => {
  const report = await follow({ jitterMs: 200, faults: { dribble: true } });
  assert.ok(report.failed('HL-p10'), String(report));
});

test('a hint after the end is noticed', async () => {
  const report = await follow({ endAt: 18, faults: { hintAtEnd: true } });
  assert.ok(report.failed('HL-27'), String(report));
});

test('a delta update of an ended playlist is noticed', async () => {
  const report = await follow({ endAt: 18, faults: { skipsEnded: true } });
  assert.ok(report.failed('HL-41'), String(report));
});

test('a stream that is not there is a broken rule, not an exception', async () => {
  const fake = new FakeOrigin();
  const report = await checkStream((await fake.start()).replace('master', 'nothing'), { seconds: 5 });
  await fake.stop();
  assert.deepEqual(report.failedRules, ['2.7']);
});

test('attribute lists are read strictly', () => {
  assert.deepEqual(parseAttributes('A=1,B="x, y",C-D=0.5'), { A: '1', B: 'x, y', 'C-D': '0.5' });
  for (const bad of ['A', 'A=', 'A=1,', 'A=1,A=2', 'A="x', 'a=1', 'A=1 B=2'])
    assert.equal(parseAttributes(bad), null, bad);
});

test('parts over their target and segments over theirs are noticed', () => {
  const text = (part, extinf) => `#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n#EXT-X-PART-INF:PART-TARGET=0.338
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.014\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PART:DURATION=${part},URI="a"\n#EXT-X-PART:DURATION=0.1,URI="b"\n#EXTINF:${extinf},\ns\n`;
  const failed = (...args) => {
    const report = new Report();
    lintPlaylist(parseMediaPlaylist(text(...args)), report, { klieg: false });
    return report.failedRules.filter((rule) => rule !== 'HL-25');
  };
  assert.deepEqual(failed('0.33800', '0.43800'), []);
  assert.deepEqual(failed('0.33900', '0.43900'), ['HL-7']);
  assert.deepEqual(failed('0.28700', '0.38700'), ['HL-p3']);
  assert.deepEqual(failed('0.30000', '2.50000'), ['HL-11', 'HL-3']);
});

test('what satisfies a blocking request follows HL-43', () => {
  const playlist = { nextMsn: 11, ended: false, segments: [{ parts: [1, 2, 3] }], open: { parts: [1, 2] } };
  const cases = [
    [9, undefined, true],
    [10, undefined, true],
    [11, undefined, false],
    [10, 2, true],
    [10, 3, true],
    [11, 1, true],
    [11, 2, false],
    [12, 0, false],
  ];
  for (const [msn, part, wanted] of cases) assert.equal(satisfies(playlist, msn, part), wanted, `${msn} ${part}`);
  assert.equal(satisfies({ ...playlist, open: null }, 10, 3), false);
  assert.equal(satisfies({ ...playlist, ended: true }, 99, 9), true);
});

test('a delta is laid over what was known, and says when that is not enough', () => {
  const full = (first, count) => ({
    segments: Array.from({ length: count }, (_, i) => ({ msn: first + i, map: 'm', parts: [] })),
  });
  const delta = { mediaSequence: 2, skipped: 2, segments: [{ msn: 4, ownMap: null, parts: [] }], open: null };
  const merged = mergeDelta(full(1, 3), delta);
  assert.deepEqual(
    merged.segments.map(({ msn }) => msn),
    [2, 3, 4],
  );
  assert.equal(merged.segments[2].map, 'm');
  assert.equal(merged.complete, true);
  assert.equal(mergeDelta(full(3, 1), delta).complete, false);
});

test('the golden vectors of media 9.3 are read as they say', () => {
  const tag = Buffer.from(
    '49443304000000000029545858580000001f0000036d657461646174612e6c6976652d766964656f2e6e65740068656c6c6f00',
    'hex',
  );
  assert.deepEqual(readTxxx(tag), { description: 'metadata.live-video.net', value: 'hello' });
  assert.deepEqual(fakeTag('hello'), tag);
  const part = Buffer.from(
    '000000c86d6f6f66000000106d666864000000000000000700000060747261660000001074666864000200000000000100000014' +
      '746664740100000000000000000dbba0000000347472756e01000f0100000002000000d000000bb8000000050200000000000000' +
      '00000bb8000000050101000000001770000000507472616600000018746668640002002800000002000004000200000000000014' +
      '746664740100000000000000000753000000001c7472756e0000020100000002000000da0000000200000002000000166d646174' +
      '0000000165000000014121102120',
    'hex',
  );
  const video = [
    { duration: 3000, idr: true },
    { duration: 3000, idr: false, composition: 6000 },
  ];
  const made = fakePart({ sequence: 7, time: 900000, video, audioTime: 480000, audio: 2 });
  assert.equal(made.length, part.length);
  const [{ sequence, tracks }] = readFragments(part).fragments;
  assert.equal(sequence, 7);
  assert.deepEqual(
    tracks.map(({ id, time, duration }) => [id, time, duration]),
    [
      [1, 900000, 6000],
      [2, 480000, 2048],
    ],
  );
  assert.equal(tracks[0].samples[1].composition, 6000);
  assert.equal(tracks[1].samples[1].bytes.toString('hex'), '2120');
});

test('no truncated init section or part is accepted', () => {
  const init = fakeInit();
  assert.deepEqual(
    readInit(init).tracks.map(({ entry }) => entry.codec),
    ['avc1.42C01E', 'mp4a.40.2'],
  );
  const part = fakePart({
    sequence: 1,
    time: 0,
    video: [{ duration: 3000, idr: true }],
    audioTime: 0,
    audio: 1,
    events: [{ id: 1, time: 0 }],
  });
  const broken = (read, bytes) => {
    try {
      read(bytes);
    } catch (error) {
      return error instanceof BoxError || error instanceof RangeError || error instanceof TypeError;
    }
    return false;
  };
  for (let length = 1; length < init.length; length++)
    assert.ok(broken(readInit, init.subarray(0, length)), `init of ${length}`);
  for (let length = 1; length < part.length; length++)
    assert.ok(broken(readFragments, part.subarray(0, length)), `part of ${length}`);
  assert.throws(() => readBoxes(Buffer.from('00000001000000000000000000000000', 'hex')), BoxError);
});
