// Glass to glass on one machine: a picture that shows the time, published with ffmpeg, read back from
// the channel page in Chromium.

import { launchBrowser, measureDelays, openChannel, percentile, untilPlaying } from '../tests/e2e/lib/browser.mjs';
import { Klieg } from '../tests/e2e/lib/klieg.mjs';
import { publishClock } from '../tests/e2e/lib/publish.mjs';
import { removeFolder, sleep } from './lib/measure.mjs';

const SETTLE_MS = 20_000;
const SECONDS = 60;

export async function bench() {
  const klieg = await Klieg.start({ KLIEG_LOG_LEVEL: 'warn' });
  const channel = await klieg.createChannel('clock');
  const publisher = publishClock(channel.rtmp);
  const browser = await launchBrowser();
  try {
    await klieg.untilLive(channel);
    const page = await openChannel(browser, klieg, channel.name);
    await untilPlaying(page);
    await sleep(SETTLE_MS);
    const delays = await measureDelays(page, SECONDS);
    return [
      { readings: delays.length, p50Ms: percentile(delays, 50), p95Ms: percentile(delays, 95), maxMs: delays.at(-1) },
    ];
  } finally {
    await browser.close();
    await publisher.stop();
    await klieg.stop();
    await removeFolder(klieg.dataDir);
  }
}
