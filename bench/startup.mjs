// From exec to the first answer, and what an idle daemon holds.

import { Klieg } from '../tests/e2e/lib/klieg.mjs';
import { median, memory, removeFolder, round, sleep } from './lib/measure.mjs';

export async function bench() {
  const klieg = await Klieg.start({ KLIEG_LOOPS: '2' });
  const times = [];
  for (let i = 0; i < 5; i++) {
    await klieg.stop();
    times.push(await klieg.launch());
  }
  await sleep(2000);
  const idle = await memory(klieg.pid);
  await klieg.stop();
  await removeFolder(klieg.dataDir);
  return [
    {
      startMs: round(median(times), 1),
      slowestStartMs: round(Math.max(...times), 1),
      idleMiB: round(idle.all / 1024, 1),
    },
  ];
}
