// What encoders send comes out as LL-HLS that keeps every rule, and players play it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkStream } from '../hls/check.mjs';
import { Klieg, run, sleep } from './lib/klieg.mjs';
import { publishFfmpeg, publishGstreamer } from './lib/publish.mjs';

const JITTER_MS = 400; // of a busy test machine
const B_FRAMES = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-profile:v',
  'high',
  '-bf',
  '3',
  '-g',
  '60',
  '-sc_threshold',
  '0',
  '-pix_fmt',
  'yuv420p',
];

// What FFmpeg says of any live playlist with an init section, which it reads with every segment.
const FFMPEG_CHATTER = /^(\[hls @ .*(skip|Skip|Opening)|\[mov.*duplicated MOOV|    Last message repeated).*\n/gm;

let klieg;
before(async () => (klieg = await Klieg.start()));
after(() => klieg.dispose());

// Publishes to a new channel while `body` looks at it.
async function live(name, start, body) {
  const channel = await klieg.createChannel(name);
  const publisher = start(channel);
  try {
    await klieg.untilLive(channel).catch((error) => {
      throw new Error(`${error.message}\n${publisher.output}\n${klieg.log.slice(-3000)}`);
    });
    await body(channel, publisher);
  } finally {
    await publisher.stop();
  }
}

const conforms = async (channel, seconds) => {
  const report = await checkStream(channel.playback, { seconds, jitterMs: JITTER_MS });
  assert.equal(report.ok, true, `\n${report}`);
};

test('ffmpeg over RTMP gives a stream that keeps every rule', () =>
  live(
    'rtmp',
    ({ rtmp }) => publishFfmpeg(rtmp),
    async (channel) => {
      await conforms(channel, 10);
      const master = await klieg.untilLive(channel);
      assert.match(master, /RESOLUTION=640x360,FRAME-RATE=30\.000,STABLE-VARIANT-ID="360p30"/);
      const { text } = await klieg.mediaPlaylist(channel);
      assert.match(text, /PART-TARGET=0\.338\n/);
      assert.match(text, /#EXT-X-TARGETDURATION:2\n/);
    },
  ));

test('ffmpeg over RTMPS with B-frames does too', () =>
  live(
    'rtmps',
    ({ rtmps }) => publishFfmpeg(rtmps, { video: B_FRAMES, fps: 25 }),
    async (channel) => {
      await conforms(channel, 6);
      assert.match((await klieg.mediaPlaylist(channel)).text, /PART-TARGET=0\.364\n/);
    },
  ));

test('video without audio does too', () =>
  live(
    'silent',
    ({ rtmp }) => publishFfmpeg(rtmp, { audio: false }),
    async (channel) => {
      await conforms(channel, 5);
      assert.match(await klieg.untilLive(channel), /CODECS="avc1\.[0-9A-F]{6}"/);
    },
  ));

for (const sink of ['rtmp2sink', 'rtmpsink'])
  test(`GStreamer's ${sink} is taken`, () =>
    live(
      sink,
      ({ rtmp }) => publishGstreamer(sink, rtmp),
      (channel) => conforms(channel, 4),
    ));

test('ffprobe and mpv play the same URL', () =>
  live(
    'players',
    ({ rtmp }) => publishFfmpeg(rtmp),
    async ({ playback }) => {
      const probe = await run(
        'ffprobe',
        ['-v', 'error', '-show_entries', 'stream=codec_name,width', '-of', 'csv=p=0', playback],
        { timeout: 30_000 },
      );
      assert.match(probe.stdout, /h264,640/);
      assert.match(probe.stdout, /aac/);
      const decoded = await run('ffmpeg', ['-v', 'warning', '-i', playback, '-t', '4', '-f', 'null', '-'], {
        timeout: 40_000,
      });
      assert.equal(decoded.stderr.replace(FFMPEG_CHATTER, ''), '', 'ffmpeg decodes without a warning');
      const mpv = await run(
        'mpv',
        ['--no-config', '--vo=null', '--ao=null', '--length=3', '--msg-level=all=error', playback],
        { timeout: 40_000 },
      );
      assert.equal(mpv.stdout + mpv.stderr, '');
    },
  ));

test('two channels at once do not know of each other', async () => {
  const one = await klieg.createChannel('twin_one');
  const two = await klieg.createChannel('twin_two');
  const publishers = [publishFfmpeg(one.rtmp), publishFfmpeg(two.rtmp, { size: '426x240', fps: 25 })];
  try {
    const [first, second] = await Promise.all([klieg.untilLive(one), klieg.untilLive(two)]);
    assert.match(first, /RESOLUTION=640x360/);
    assert.match(second, /RESOLUTION=426x240/);
    await publishers[1].stop('SIGKILL');
    await conforms(one, 5);
  } finally {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
  }
});

test('an encoder that crashes and comes back keeps every rule too', () =>
  live(
    'comeback',
    ({ rtmp }) => publishFfmpeg(rtmp),
    async (channel, publisher) => {
      const watching = checkStream(channel.playback, { seconds: 20, jitterMs: JITTER_MS });
      await sleep(3000);
      await publisher.stop('SIGKILL');
      await sleep(10_000); // longer than a request is held
      const again = publishFfmpeg(channel.rtmp, { fps: 25 });
      const report = await watching;
      const { text } = await klieg.mediaPlaylist(channel);
      await again.stop();
      assert.equal(report.ok, true, `\n${report}`);
      assert.ok(report.checked('HL-45'), 'a request was held and told to try again');
      assert.match(text, /#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-1\.mp4"\n/);
      assert.match(text, /PART-TARGET=0\.338\n/, 'the part target never changes');
    },
  ));

test('a clean stop ends the playlist at once', () =>
  live(
    'stops',
    ({ rtmp }) => publishFfmpeg(rtmp),
    async (channel, publisher) => {
      const { url } = await klieg.mediaPlaylist(channel);
      const [report] = await Promise.all([
        checkStream(channel.playback, { seconds: 8, jitterMs: JITTER_MS }),
        sleep(3000).then(() => publisher.stop()),
      ]);
      assert.equal(report.ok, true, `\n${report}`);
      const { text } = await klieg.fetchText(url);
      assert.match(text, /#EXT-X-ENDLIST\n$/);
      assert.ok(report.checked('HL-27') > 1);
    },
  ));

test('no line of the log has a stream key in it', async () => {
  const { stdout } = await klieg.cli('channel', 'list');
  const channel = await klieg.createChannel('secret');
  const keys = [...stdout.matchAll(/[A-Za-z0-9_-]{30,}/g)].map(([key]) => key).concat(channel.key);
  await publishFfmpeg(channel.rtmp, { output: ['-t', '2'] }).exited;
  for (const key of keys) assert.ok(!klieg.log.includes(key), 'the log holds a stream key');
});
