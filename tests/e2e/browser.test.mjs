// The real page in Chromium: it plays with about a second of delay, shows metadata at the right
// picture, survives an encoder that comes back, and says so when the stream is over.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, measureDelays, openChannel, percentile, untilPlaying } from './lib/browser.mjs';
import { CLOCK_BITS } from './lib/clock.mjs';
import { Klieg, sleep, until } from './lib/klieg.mjs';
import { publishClock } from './lib/publish.mjs';

// Of a machine that also encodes, decodes and tests; bench/ holds the product to its own numbers.
const DELAY = { p50: 2500, p95: 3500 };
const WINDOW_SECONDS = 6;
const PART_MS = 338;

let klieg;
let browser;
before(async () => {
  klieg = await Klieg.start({ KLIEG_MEDIA_RECONNECT_WINDOW_SECONDS: String(WINDOW_SECONDS) });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await klieg.dispose();
});

async function watched(name, body) {
  const channel = await klieg.createChannel(name);
  const publishers = [publishClock(channel.rtmp)];
  let page;
  try {
    await klieg.untilLive(channel);
    page = await openChannel(browser, klieg, name);
    await untilPlaying(page);
    await body({ channel, page, publishers });
    assert.deepEqual(page.problems, []);
  } catch (error) {
    error.message += `\n${await page?.evaluate(() => document.body.innerText).catch(() => '')}\n${klieg.log.slice(-2000)}`;
    throw error;
  } finally {
    await page?.close();
    for (const publisher of publishers) await publisher.stop();
  }
}

test('the page plays with a small delay, and a cue comes with its picture', () =>
  watched('clock', async ({ channel, page, publishers }) => {
    await sleep(3000); // the player closes up to the live edge
    const delays = await measureDelays(page, 4);
    assert.ok(delays.length > 20, `the clock was read ${delays.length} times`);
    console.log(`# glass to glass: p50 ${percentile(delays, 50)} ms, p95 ${percentile(delays, 95)} ms`);
    assert.ok(percentile(delays, 50) <= DELAY.p50 && percentile(delays, 95) <= DELAY.p95, `delays ${delays}`);

    const payload = JSON.stringify({ score: '2:1', word: 'grün' });
    const asked = Date.now();
    const { code, stderr } = await klieg.cli('metadata', 'put', channel.name, payload);
    const accepted = Date.now();
    assert.equal(code, 0, stderr);
    const [cue] = await until('the cue', () => page.evaluate(() => window.cues.length > 0 && window.cues));
    assert.equal(cue.data, payload);
    assert.equal(cue.info, 'metadata.live-video.net');
    // The cue belongs to the picture that was newest when the metadata was accepted.
    const span = 2 ** CLOCK_BITS;
    const late = (cue.clock - (asked % span) + span) % span;
    const offset = late > span / 2 ? late - span : late;
    assert.ok(
      offset >= -2 * PART_MS && offset <= accepted - asked + PART_MS,
      `the picture is ${offset} ms after the request for the cue`,
    );
    assert.ok(publishers[0].isRunning);
  }));

test('an encoder that comes back within the window is not noticed but for a pause', () =>
  watched('returns', async ({ channel, page, publishers }) => {
    const loads = page.loads;
    await publishers[0].stop('SIGKILL');
    await sleep(2000);
    publishers.push(publishClock(channel.rtmp));
    await until(
      'the picture of the second encoder',
      () =>
        page.evaluate(() => {
          const age = window.readClock();
          return age !== null && age < 4000;
        }),
      { timeoutMs: 20_000 },
    );
    await sleep(1500);
    const first = await page.evaluate(() => document.querySelector('video').currentTime);
    await sleep(1000);
    const moved = (await page.evaluate(() => document.querySelector('video').currentTime)) - first;
    assert.ok(moved > 0.5, `the video moved by ${moved} s in one second`);
    assert.equal(page.loads, loads, 'the page was not loaded again');
  }));

test('after the window the session has ended and the page says offline', () =>
  watched('ends', async ({ channel, page, publishers }) => {
    const { url } = await klieg.mediaPlaylist(channel);
    await publishers[0].stop('SIGKILL');
    await until('the end of the session', async () => (await klieg.fetchText(url)).text.includes('#EXT-X-ENDLIST'), {
      timeoutMs: 1000 * WINDOW_SECONDS + 6000,
    });
    await page
      .getByText(/offline/i)
      .first()
      .waitFor({ timeout: 30_000 });
  }));

test('a page that waits starts to play when the encoder arrives', async () => {
  const channel = await klieg.createChannel('early');
  const page = await openChannel(browser, klieg, 'early');
  await page
    .getByText(/offline/i)
    .first()
    .waitFor({ timeout: 15_000 });
  const { loads } = page;
  const publisher = publishClock(channel.rtmp);
  try {
    await untilPlaying(page, { timeoutMs: 40_000 });
    assert.equal(page.loads, loads);
  } finally {
    await page.close();
    await publisher.stop();
  }
});

test('a channel that does not exist has a page that says so', async () => {
  const page = await openChannel(browser, klieg, 'nobody_here');
  await page.getByText(/no channel called/i).waitFor({ timeout: 15_000 });
  await page.close();
});
