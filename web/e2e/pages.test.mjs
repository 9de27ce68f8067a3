import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, base, desktop, launch, openPage, phone } from './browser.mjs';

const options = { skip: base === '' && 'KLIEG_URL names no server' };
let browser;

before(async () => {
  if (base !== '') browser = await launch();
});
after(() => browser?.close());

const pages = [
  { path: '/', title: 'Live now · Klieg', heading: 'Live video, on your own server' },
  {
    path: '/nobody.here',
    title: 'No channel called “nobody.here” · Klieg',
    heading: 'No channel called “nobody.here”',
  },
  { path: '/a/b/c', title: 'Not found · Klieg', heading: 'There is nothing here' },
];

for (const [device, viewport] of Object.entries({ desktop, phone })) {
  for (const colorScheme of ['dark', 'light']) {
    for (const { path, title, heading } of pages) {
      test(`${path} on a ${device}, ${colorScheme}: title, one h1, no violations`, options, async () => {
        const { page, faults, close } = await openPage(browser, { ...viewport, colorScheme });
        await page.goto(base + path);
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await page.waitForFunction((wanted) => document.title === wanted, title);
        assert.equal(await page.locator('h1').count(), 1);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
        assert.deepEqual(await axe(page), []);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        assert.equal(overflow, false, 'nothing is wider than the screen');
        assert.deepEqual(faults, []);
        await close();
      });
    }
  }
}

test('the skip link comes first and works', options, async () => {
  const { page, close } = await openPage(browser);
  await page.goto(base);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await close();
});

test('another page: focus on its heading, its title announced', options, async () => {
  const { page, close } = await openPage(browser);
  await page.goto(`${base}/a/b/c`);
  await page.getByRole('link', { name: 'Go home' }).click();
  await page.getByText('Live now · Klieg', { exact: true }).waitFor({ state: 'attached' });
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  await close();
});

test('a theme is chosen by keyboard, applies at once and survives a reload without a flash', options, async () => {
  const { page, close } = await openPage(browser, { ...desktop, colorScheme: 'dark' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.goto(base);
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: /Theme/ }).press('Enter');
  assert.deepEqual(await axe(page), []);
  await page.getByRole('menuitemradio', { name: 'Light' }).press('Enter');
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Menu');
  await page.reload({ waitUntil: 'commit' });
  assert.equal(await theme(), 'light');
  await close();
});

test('phone: the menu is a sheet that keeps the focus and closes by Escape and backdrop', options, async () => {
  const { page, close } = await openPage(browser, phone);
  await page.goto(base);
  const button = page.getByRole('button', { name: 'Menu' });
  await button.tap();
  const menu = page.getByRole('menu');
  await menu.waitFor();
  // It slides in, to the whole width of the bottom edge.
  await page.waitForFunction(() => {
    const box = document.querySelector('[role="menu"]')?.getBoundingClientRect();
    return box?.left === 0 && box.right === window.innerWidth && Math.abs(box.bottom - window.innerHeight) < 1;
  });
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
  await button.tap();
  await menu.waitFor();
  await page.touchscreen.tap(195, 100);
  await menu.waitFor({ state: 'detached' });
  await close();
});

test('no page of the entry loads the player', options, async () => {
  const { page, close } = await openPage(browser);
  const requested = [];
  page.on('request', (request) => requested.push(request.url()));
  await page.goto(base, { waitUntil: 'networkidle' });
  assert.deepEqual(
    requested.filter((url) => /live-player|hls/.test(url)),
    [],
  );
  assert.deepEqual(
    requested.filter((url) => new URL(url).origin !== new URL(base).origin),
    [],
  );
  await close();
});
