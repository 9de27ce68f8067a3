// Compares the built files, gzipped, with size-budget.json. A budget is raised only in the change that grows it.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);
const budgets = JSON.parse(readFileSync(new URL('size-budget.json', root), 'utf8'));
const manifest = JSON.parse(readFileSync(new URL('static/manifest.json', dist), 'utf8'));

function gzipSize(file) {
  return gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
}

/** The files that a module and everything it imports statically end up in. */
function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(next, found);
  return found;
}

/** A chunk that others share is listed under its file, so it is looked up by name. */
function chunk(name) {
  return filesOf(Object.keys(manifest).find((key) => manifest[key].name === name));
}

const entry = filesOf('index.html');
const menu = chunk('menu');
const without = (files, ...known) => [...files].filter((file) => !known.some((set) => set.has(file)));
const assets = readdirSync(new URL('static/', dist)).map((name) => `static/${name}`);

const groups = {
  entry: [...entry],
  css: assets.filter((name) => name.endsWith('.css')),
  ui: without(new Set([...menu, ...chunk('shortcut-list')]), entry),
  channel: without(chunk('channel'), entry),
  player: without(chunk('live-player'), entry, menu),
  worker: assets.filter((name) => /hls\.worker-.*\.js$/.test(name)),
};

let failed = false;
function report(name, bytes) {
  const { label, maxKiB } = budgets[name];
  const size = bytes / 1024;
  const over = size > maxKiB;
  failed ||= over;
  console.log(
    `${over ? 'OVER' : 'ok  '} ${size.toFixed(1).padStart(6)} of ${String(maxKiB).padStart(3)} KiB  ${label}`,
  );
}

for (const [name, files] of Object.entries(groups)) {
  if (files.length === 0) throw new Error(`nothing was built for "${name}"`);
  report(
    name,
    files.reduce((sum, file) => sum + gzipSize(file), 0),
  );
}
const font = assets.filter((name) => /inter-latin-wght-normal-.*\.woff2$/.test(name));
// A woff2 is compressed already.
report('font', readFileSync(new URL(font[0] ?? '', dist)).length);
if (failed) process.exitCode = 1;
