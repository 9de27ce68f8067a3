import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';

import { run } from './lib/measure.mjs';

const NAMES = ['startup', 'waiters', 'delivery', 'ingest', 'latency'];
const names = process.argv.length > 2 ? process.argv.slice(2) : NAMES;
const unknown = names.find((name) => !NAMES.includes(name));
if (unknown) {
  console.error(`bench: no benchmark ${unknown}; there are ${NAMES.join(', ')}`);
  process.exit(2);
}

const versions = async (...packages) =>
  (await run('dpkg-query', ['-W', '-f', '${Package} ${Version}\n', ...packages])).stdout.trim().split('\n');

const machine = {
  cpu: `${cpus().length} × ${cpus()[0].model}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  system: /PRETTY_NAME="(.*)"/.exec(await readFile('/etc/os-release', 'utf8'))[1],
  versions: await versions('nginx', 'libnginx-mod-rtmp', 'ffmpeg', 'chromium', 'wrk', 'nghttp2-client'),
};
console.log(machine);

await mkdir('bench-results', { recursive: true });
for (const name of names) {
  const { bench } = await import(`./${name}.mjs`);
  const results = await bench();
  console.log(name);
  console.table(results);
  const file = `bench-results/${name}.json`;
  await writeFile(file, `${JSON.stringify({ machine, at: new Date().toISOString(), results }, null, 2)}\n`);
}
