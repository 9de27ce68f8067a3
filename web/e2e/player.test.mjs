import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, base, desktop, launch, liveChannel, openPage, phone, watch } from './browser.mjs';

const options = { skip: (base === '' || liveChannel === '') && 'KLIEG_URL and KLIEG_CHANNEL name no live channel' };
let browser;

before(async () => {
  if (!options.skip) browser = await launch();
});
after(() => browser?.close());

async function openChannel(device = desktop) {
  const opened = await openPage(browser, device);
  await opened.page.goto(`${base}/${liveChannel}`);
  return opened;
}

const delay = (page) =>
  page.evaluate(() => Number(/Live, ([\d.]+) seconds/.exec(document.body.textContent ?? '')?.[1] ?? NaN));

for (const [device, viewport] of Object.entries({ desktop, phone })) {
  test(`${device}: plays, frames advance, the delay is shown and small, no violations`, options, async () => {
    const { page, faults, close } = await openChannel(viewport);
    const { seconds, frames } = await watch(page);
    assert.ok(seconds > 0.7 && seconds < 1.3, `moved ${seconds} s in a second`);
    assert.ok(frames >= 10, `${frames} frames in a second`);
    await page.waitForFunction(() => /Live, [\d.]+ seconds/.test(document.body.textContent ?? ''));
    const shown = await delay(page);
    assert.ok(shown > 0 && shown <= 3, `delay ${shown} s`);
    assert.match(await page.title(), /^● /);
    await page.mouse.move(200, 200);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(faults, []);
    await close();
  });
}

test('quality, latency and statistics by keyboard', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  await page.getByRole('button', { name: 'Settings' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: /Quality/ }).press('Enter');
  const auto = page.getByRole('menuitemradio', { name: /^Auto/ });
  assert.equal(await auto.getAttribute('aria-checked'), 'true');
  const rendition = page.getByRole('menuitemradio', { name: /^\d+p/ }).first();
  const label = await rendition.textContent();
  await rendition.press('Enter');
  assert.equal(await rendition.getAttribute('aria-checked'), 'true');
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  const panel = page.getByRole('region', { name: 'Statistics' });
  await panel.waitFor();
  assert.ok((await panel.textContent())?.includes('hls.js'));
  assert.deepEqual(await axe(page), []);
  await page.reload();
  await watch(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  const height = /^\d+p/.exec(label ?? '')?.[0] ?? 'none';
  assert.ok((await page.getByRole('menuitem', { name: /Quality/ }).textContent())?.includes(height), 'remembered');
  await close();
});

test('keys: mute, volume, pause, live, theatre; none while a dialog is open', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  const video = (read) => page.evaluate(read);
  await page.keyboard.press('m');
  assert.equal(await video(() => document.querySelector('video').muted), true);
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  assert.equal(await video(() => document.querySelector('video').volume), 0.95);
  await page.keyboard.press('k');
  await page.getByRole('button', { name: 'Go to live' }).waitFor();
  assert.equal(await video(() => document.querySelector('video').paused), true);
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('button', { name: 'Go to live' }).click();
  await page.waitForFunction(() => /Live, [\d.]+ seconds/.test(document.body.textContent ?? ''));
  const wide = () => video(() => document.querySelector('video').getBoundingClientRect().width);
  const before = await wide();
  await page.keyboard.press('t');
  await page.waitForFunction((width) => document.querySelector('video').getBoundingClientRect().width > width, before);
  await page.keyboard.press('Escape');
  await page.waitForFunction(
    (width) => document.querySelector('video').getBoundingClientRect().width === width,
    before,
  );
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press('m');
  assert.equal(await video(() => document.querySelector('video').muted), false);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.reload();
  await watch(page);
  assert.equal(await video(() => document.querySelector('video').volume), 0.95);
  await close();
});

test('controls and pointer hide after 3 s, and come back', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  const shown = () => page.evaluate(() => document.querySelector('.stage').dataset.header);
  await page.mouse.move(400, 300);
  assert.equal(await shown(), 'shown');
  await page.waitForFunction(() => document.querySelector('.stage').dataset.header === 'hidden', null, {
    timeout: 5000,
  });
  await page.mouse.move(420, 300);
  await page.waitForFunction(() => document.querySelector('.stage').dataset.header === 'shown');
  await close();
});

test('full screen takes overlays along and is left by key', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement?.classList.contains('stage') ?? false);
  await page.getByRole('button', { name: 'Leave full screen' }).click();
  await page.waitForFunction(() => document.fullscreenElement === null);
  await close();
});

test('a pause of more than 10 s continues at the live edge', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  await page.keyboard.press('k');
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  await page.keyboard.press('k');
  await watch(page);
  await page.waitForFunction(() => {
    const seconds = Number(/Live, ([\d.]+) seconds/.exec(document.body.textContent ?? '')?.[1] ?? NaN);
    return seconds <= 3;
  });
  await close();
});

test('50 times opening and leaving the channel leaves one player at most', options, async () => {
  const { page, close } = await openChannel();
  await watch(page);
  await page.getByRole('link', { name: 'Klieg, home' }).click();
  for (let i = 0; i < 50; i += 1) {
    await page.goBack();
    await page.locator('video').waitFor({ state: 'attached' });
    await page.goForward();
    await page.locator('video').waitFor({ state: 'detached' });
  }
  assert.equal(await page.locator('video').count(), 0);
  await page.waitForTimeout(500);
  assert.equal(page.workers().length, 0, 'no worker is left');
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { result } = await session.send('Runtime.evaluate', { expression: 'HTMLVideoElement.prototype' });
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId });
  const { result: length } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.length; }',
  });
  assert.ok(length.value <= 3, `${length.value} video elements are still in memory`);
  await close();
});
