// Chromium on the real page.

import { chromium } from 'playwright-core';

import { CLOCK_BITS, CLOCK_HEIGHT, CLOCK_WIDTH, installClockReader } from './clock.mjs';

const EXECUTABLE = process.env.KLIEG_CHROMIUM ?? '/usr/bin/chromium';

export const launchBrowser = () =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--autoplay-policy=no-user-gesture-required',
      '--mute-audio',
      '--disable-gpu',
      '--disable-dev-shm-usage',
    ],
  });

// Opens a channel's page. `page.loads` counts navigations, `page.problems` collects uncaught errors.
export async function openChannel(browser, klieg, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.problems = [];
  page.loads = 0;
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('framenavigated', () => page.loads++);
  await page.addInitScript(installClockReader, { bits: CLOCK_BITS, width: CLOCK_WIDTH, height: CLOCK_HEIGHT });
  await page.addInitScript(collectCues);
  await page.goto(`${klieg.base}/${name}`, { waitUntil: 'domcontentloaded' });
  return page;
}

// Runs in the page: window.cues gets every ID3 cue that becomes active, with the picture's clock then.
function collectCues() {
  window.cues = [];
  const watched = new WeakSet();
  const onChange = (event) => {
    for (const cue of event.target.activeCues ?? [])
      if (cue.value?.data !== undefined && !window.cues.some((known) => known.data === cue.value.data))
        window.cues.push({ data: cue.value.data, info: cue.value.info, clock: window.clockValue(), at: Date.now() });
  };
  setInterval(() => {
    for (const track of document.querySelector('video')?.textTracks ?? []) {
      if (track.kind !== 'metadata' || watched.has(track)) continue;
      watched.add(track);
      if (track.mode === 'disabled') track.mode = 'hidden';
      track.addEventListener('cuechange', onChange);
    }
  }, 20);
}

// Waits until the video plays: its time has moved by `seconds`.
export async function untilPlaying(page, { seconds = 1, timeoutMs = 25_000 } = {}) {
  await page.waitForFunction(
    (wanted) => {
      const video = document.querySelector('video');
      if (!video || video.readyState < 3 || video.paused) return false;
      window.playedFrom ??= video.currentTime;
      return video.currentTime - window.playedFrom >= wanted;
    },
    seconds,
    { timeout: timeoutMs, polling: 50 },
  );
}

// Ages of the shown picture in ms, read every 100 ms for a while, sorted.
export async function measureDelays(page, seconds) {
  const delays = await page.evaluate(async (count) => {
    const found = [];
    for (let i = 0; i < count; i++) {
      const age = window.readClock();
      if (age !== null) found.push(age);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return found;
  }, seconds * 10);
  return delays.sort((a, b) => a - b);
}

export const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))];
