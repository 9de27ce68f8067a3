// Debian's Chromium: it plays H.264 and AAC, the one that Playwright brings does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The server under test, and a channel of it that is live for as long as the tests run. */
export const base = (process.env.KLIEG_URL ?? '').replace(/\/$/, '');
export const liveChannel = process.env.KLIEG_CHANNEL ?? '';

export const desktop = { viewport: { width: 1280, height: 720 } };
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--headless=new',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** A page of its own context; `faults` collects script errors and violations of the CSP. */
export async function openPage(browser, options = desktop) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  return { page, faults, close: () => context.close() };
}

/** Violations of WCAG 2.2 A and AA on the page as it is now, one line each. */
export async function axe(page) {
  // Evaluated, not added as a script element: the page's CSP forbids inline scripts.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Waits until the picture moves, and answers how far it moved in one more second. */
export async function watch(page) {
  await page.waitForFunction(
    () => {
      const video = document.querySelector('video');
      return video !== null && !video.paused && video.readyState > 2 && video.currentTime > 0;
    },
    null,
    { timeout: 40_000 }, // on a busy machine
  );
  return page.evaluate(async () => {
    const video = document.querySelector('video');
    const before = { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames };
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    return { seconds: video.currentTime - before.time, frames: totalVideoFrames - before.frames };
  });
}
