// Peers that are wrong are refused in plain words, and a stream that is on air does not notice.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';

import { checkStream } from '../hls/check.mjs';
import { Klieg, sleep, until } from './lib/klieg.mjs';
import { publishFfmpeg } from './lib/publish.mjs';
import { RtmpClient } from './lib/rtmp.mjs';

const JITTER_MS = 600;
const MiB = 1 << 20;

let klieg;
let onAir;
let publisher;
let watching;

before(async () => {
  klieg = await Klieg.start();
  onAir = await klieg.createChannel('on_air');
  publisher = publishFfmpeg(onAir.rtmp);
  await klieg.untilLive(onAir);
  watching = checkStream(onAir.playback, { seconds: 25, jitterMs: JITTER_MS });
});
after(async () => {
  await publisher?.stop();
  await klieg.dispose();
});

// Sends bytes on a fresh connection; resolves when the daemon closed it, throws when it does not.
async function isCut(port, bytes, { withinMs = 8000, secure = false } = {}) {
  const socket = secure
    ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : net.connect(port, '127.0.0.1');
  let closed = false;
  socket.on('close', () => (closed = true)).on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once(secure ? 'secureConnect' : 'connect', resolve).once('close', resolve));
  if (bytes.length) socket.write(bytes);
  await until('the connection to be closed', () => closed, { timeoutMs: withinMs }).finally(() => socket.destroy());
}

test('a wrong key is refused before Publish.Start, and ffmpeg says why', async () => {
  const { client, answer } = await RtmpClient.publishing(klieg.ports.rtmp, 'x'.repeat(32));
  assert.equal(answer.code, 'NetStream.Publish.BadName');
  assert.match(answer.text, /Stream key not accepted\./);
  await client.closed;
  const attempt = publishFfmpeg(`rtmp://127.0.0.1:${klieg.ports.rtmp}/app/${'y'.repeat(32)}`);
  const { code } = await attempt.exited;
  assert.notEqual(code, 0);
  assert.match(attempt.output, /Stream key not accepted\./);
});

test('an unknown application is refused', async () => {
  const client = await RtmpClient.connect(klieg.ports.rtmp);
  await client.handshake();
  await client.connectApp('elsewhere');
  assert.match(client.received.toString('latin1'), /Connect\.Rejected.*Unknown application\. Use \/app\./s);
  await client.closed;
});

test('a second publisher with a lower priority is refused, the first goes on', async () => {
  const channel = await klieg.createChannel('priority');
  const first = publishFfmpeg(`${channel.rtmp}?priority=5`);
  try {
    await klieg.untilLive(channel);
    const { client, answer } = await RtmpClient.publishing(klieg.ports.rtmp, `${channel.key}?priority=3`);
    assert.equal(answer.code, 'NetStream.Publish.BadName');
    assert.match(answer.text, /This channel is already live\./);
    await client.closed;
    assert.ok(first.isRunning);
  } finally {
    await first.stop();
  }
});

test('a second publisher without priorities takes over in the same session', async () => {
  const channel = await klieg.createChannel('takeover');
  const first = publishFfmpeg(channel.rtmp);
  let second;
  try {
    const master = await klieg.untilLive(channel);
    second = publishFfmpeg(channel.rtmp);
    const { url } = await klieg.mediaPlaylist(channel);
    await until('a discontinuity', async () => (await klieg.fetchText(url)).text.includes('#EXT-X-DISCONTINUITY\n'));
    await first.exited;
    assert.ok(second.isRunning);
    assert.equal(
      (await klieg.untilLive(channel)).match(/stream-id",VALUE="([^"]+)/)[1],
      master.match(/stream-id",VALUE="([^"]+)/)[1],
    );
  } finally {
    await first.stop();
    await second?.stop();
  }
});

test('a message over its limit closes the connection', async () => {
  const { client } = await RtmpClient.publishing(klieg.ports.rtmp, (await klieg.createChannel('oversize')).key);
  const { rssKiB } = await klieg.usage();
  client.message(9, Buffer.alloc(1000), { stream: 1, length: 4 * MiB + 1 });
  await client.closed;
  assert.ok((await klieg.usage()).rssKiB - rssKiB < 2048, 'nothing was allocated for it');
});

test('more than 256 KiB before publish closes the connection', async () => {
  const client = await RtmpClient.connect(klieg.ports.rtmp);
  await client.handshake();
  for (let i = 0; i < 20 && !client.isClosed; i++) {
    client.message(18, Buffer.alloc(16000));
    await sleep(5);
  }
  await client.closed;
});

test('garbage is cut off on every port', async () => {
  const garbage = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) & 255));
  await isCut(klieg.ports.rtmp, garbage);
  await isCut(klieg.ports.rtmp, Buffer.concat([Buffer.from([3]), garbage]));
  await isCut(klieg.ports.rtmps, garbage);
  await isCut(klieg.ports.rtmps, garbage, { secure: true });
  await isCut(klieg.ports.http, garbage);
  await isCut(klieg.ports.ops, garbage);
});

test('TLS on the plain port and RTMP on the TLS port are named in the log', async () => {
  await isCut(klieg.ports.rtmp, Buffer.from('16030100c8010000c40303', 'hex'));
  await isCut(klieg.ports.rtmps, Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]));
  assert.match(klieg.log, /TLS/);
});

test('half-open connections are closed after their time', async () => {
  await Promise.all([
    isCut(klieg.ports.rtmp, Buffer.from([3]), { withinMs: 8000 }),
    isCut(klieg.ports.rtmp, Buffer.alloc(0), { withinMs: 8000 }),
    isCut(klieg.ports.http, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n'), { withinMs: 13_000 }),
  ]);
});

test('HTTP that is malformed or too large is answered and closed', async () => {
  const ask = (text) =>
    new Promise((resolve, reject) => {
      const socket = net.connect(klieg.ports.http, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket
        .on('data', (chunk) => (answer += chunk))
        .on('close', () => resolve(answer))
        .on('error', reject);
      socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${text.slice(0, 40)}`)));
    });
  const cases = [
    [`GET /${'a'.repeat(5000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n', 400],
    ['GET /../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['POST /api/status HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ];
  for (const [text, status] of cases)
    assert.match(await ask(text), new RegExp(`^HTTP/1\\.1 ${status} `), text.slice(0, 60));
});

test('ten wrong keys in a row close the door for their address', async () => {
  // Last but one: nothing can be published from here after this. A right key before reset the count.
  const attempts = Array.from({ length: 10 }, async (_, i) => {
    const { client } = await RtmpClient.publishing(klieg.ports.rtmp, `${i}`.repeat(32));
    await client.closed;
  });
  await Promise.all(attempts);
  await isCut(klieg.ports.rtmp, Buffer.alloc(0), { withinMs: 1000 });
});

test('through all this the stream on air kept every rule', async () => {
  const report = await watching;
  assert.equal(report.ok, true, `\n${report}`);
  assert.ok(publisher.isRunning);
  assert.ok(!klieg.log.includes(onAir.key), 'the log holds a stream key');
});
