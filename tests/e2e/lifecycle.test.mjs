// Starting, draining, crashing, and staying the same size.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Klieg, sleep, until } from './lib/klieg.mjs';
import { publishFfmpeg } from './lib/publish.mjs';
import { RtmpClient } from './lib/rtmp.mjs';

const CYCLES = 50;
const GROWTH_KIB = 4096; // over the last 40 cycles; arenas of malloc settle in the first
const isSanitized = /asan|tsan/.test(process.env.KLIEG_BIN ?? '');

let klieg;
before(
  async () => (klieg = await Klieg.start({ KLIEG_HTTP_DRAIN_SECONDS: '5', KLIEG_MEDIA_RECONNECT_WINDOW_SECONDS: '1' })),
);
after(() => klieg.dispose());

test('config check accepts what is right and names what is wrong', async () => {
  const good = await klieg.cli('config', 'check');
  assert.equal(good.code, 0, good.stderr);
  assert.equal(JSON.parse(good.stdout).resourceConfig.dev.http.listen, `127.0.0.1:${klieg.ports.http}`);
  const file = path.join(klieg.dataDir, 'wrong.json');
  await writeFile(file, '{"resourceConfig":{"dev":{\n"http":{\n"lsten":"127.0.0.1:1"},\n"media":{"partMs":5}}}}');
  const bad = await klieg.cli('--config', file, 'config', 'check');
  assert.equal(bad.code, 78, bad.stderr);
  assert.match(bad.stderr, /wrong\.json:3: resourceConfig\.dev\.http\.lsten: unknown key \(did you mean "listen"\?\)/);
  assert.match(bad.stderr, /wrong\.json:4: resourceConfig\.dev\.media\.partMs: .*100.*1000/);
});

test('the operations listener serves metrics', async () => {
  const metrics = await klieg.metrics();
  assert.equal(metrics.klieg_ingest_publishers, 0);
  assert.ok(metrics.klieg_http_requests_total > 0);
});

test(`${CYCLES} streams leave memory and descriptors as they were`, async () => {
  const channel = await klieg.createChannel('cycles');
  const samples = [];
  for (let i = 0; i < CYCLES; i++) {
    const publisher = publishFfmpeg(channel.rtmp, { size: '160x90', output: ['-t', '0.6'] });
    await publisher.exited;
    assert.ok(!/Stream key|refused|error/i.test(publisher.output), publisher.output);
    if (i % 10 === 9) {
      await until('the publisher to be gone', async () => (await klieg.metrics()).klieg_ingest_publishers === 0);
      samples.push(await klieg.usage());
    }
  }
  await sleep(500);
  const [first] = samples;
  const last = await klieg.usage();
  console.log(
    `# after 10 cycles ${first.rssKiB} KiB, ${first.descriptors} descriptors; after ${CYCLES} ${last.rssKiB} KiB, ${last.descriptors}`,
  );
  assert.ok(
    last.rssKiB - first.rssKiB < GROWTH_KIB,
    `memory: ${samples.map(({ rssKiB }) => rssKiB)}, ${last.rssKiB} KiB`,
  );
  assert.ok(
    last.descriptors - first.descriptors <= 2,
    `descriptors: ${samples.map(({ descriptors }) => descriptors)}, ${last.descriptors}`,
  );
});

test('SIGTERM during a stream ends it in order, and the next start is quick', async () => {
  const channel = await klieg.createChannel('drained');
  const publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  const { url, text } = await klieg.mediaPlaylist(channel);
  const msn = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)[1]) + (text.match(/#EXTINF/g) ?? []).length;
  const blocked = klieg.fetchText(`${url}?_HLS_msn=${msn + 1}`);
  await sleep(100);
  const [{ code, signal, ms }, answer] = await Promise.all([klieg.stop(), blocked]);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, klieg.log.slice(-3000));
  assert.ok(ms < 8000, `it took ${ms} ms`);
  assert.ok(
    answer.status === 503 || answer.text.includes('#EXT-X-ENDLIST'),
    `a blocked request was answered ${answer.status}`,
  );
  await publisher.stop();
  const readyMs = await klieg.launch();
  console.log(`# ready after ${Math.round(readyMs)} ms`);
  assert.ok(readyMs < (isSanitized ? 5000 : 1500), `ready after ${readyMs} ms`);
  const { stdout } = await klieg.cli('channel', 'list');
  assert.match(stdout, /drained/);
});

test('kill -9 during a stream loses no channel, and the next stream plays', async () => {
  const channel = await klieg.createChannel('killed');
  const publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  const latest = await klieg.createChannel('last_word');
  await klieg.stop('SIGKILL');
  await publisher.stop();
  await klieg.launch();
  const { stdout } = await klieg.cli('channel', 'list');
  assert.match(stdout, /last_word/);
  const again = publishFfmpeg(latest.rtmp);
  await klieg.untilLive(latest);
  await again.stop();
});

test('a drained daemon refuses new publishers in words they can show', async () => {
  const channel = await klieg.createChannel('late');
  const publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  const client = await RtmpClient.connect(klieg.ports.rtmp);
  await client.handshake();
  const ending = klieg.stop();
  await sleep(20);
  await client.connectApp().catch(() => {}); // it may be closed already: then there is nothing to say
  if (client.received.includes('Rejected'))
    assert.match(client.received.toString('latin1'), /The server is restarting\. Try again in a moment\./);
  client.end();
  assert.equal((await ending).code, 0);
  await publisher.stop();
});
