// 5,000 blocked playlist requests released by one part, and what a waiting connection costs.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Klieg } from '../tests/e2e/lib/klieg.mjs';
import { encodeSample, memory, publish, removeFolder, round, run, scratch, sleep } from './lib/measure.mjs';

const COUNT = 5000;
const ROUNDS = 5;
const CLIENTS = fileURLToPath(new URL('../build/bench/waiting_clients', import.meta.url));

// A state that comes in about a second: three parts ahead of the newest one.
async function blockedPath(klieg, channel) {
  const { url, text } = await klieg.mediaPlaylist(channel);
  const [, msn, part] = /PRELOAD-HINT:TYPE=PART,URI="s(\d+)\.p(\d+)\.m4s"/.exec(text);
  const ahead = Number(part) + 2;
  return `${new URL(url).pathname}?_HLS_msn=${Number(msn) + (ahead > 5 ? 1 : 0)}&_HLS_part=${ahead % 6}`;
}

export async function bench() {
  const folder = await scratch();
  const klieg = await Klieg.start({ KLIEG_LOOPS: '1', KLIEG_LOG_LEVEL: 'warn', KLIEG_HTTP_UI_DIR: '' });
  await run('taskset', ['-a', '-p', '-c', '0', String(klieg.pid)]);
  const channel = await klieg.createChannel('bench');
  const publisher = publish(await encodeSample(folder, 30), channel.rtmp);
  await klieg.untilLive(channel);
  await sleep(45_000); // the window is full: what grows from here on is the connections

  const before = await memory(klieg.pid);
  const clients = spawn('taskset', ['-c', '1', CLIENTS, String(klieg.ports.http), String(COUNT)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: clients.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  await next(); // connected
  await sleep(1000);
  const idle = await memory(klieg.pid);
  const spreads = [];
  let waiting = idle;
  let answered = COUNT;
  for (let i = 0; i < ROUNDS; i++) {
    clients.stdin.write(`${await blockedPath(klieg, channel)}\n`);
    await next(); // asked
    await sleep(150);
    if (i === 0) waiting = await memory(klieg.pid);
    const [good, spread] = (await next()).split(' ').map(Number);
    answered = Math.min(answered, good);
    spreads.push(spread / 1000);
    await sleep(500);
  }
  clients.stdin.end('\n');
  await once(clients, 'exit');
  await publisher.stop();
  await klieg.stop();
  await removeFolder(folder);
  await removeFolder(klieg.dataDir);
  const bytesPer = (used) => Math.round(((used.anonymous - before.anonymous) * 1024) / COUNT);
  return [
    {
      waiters: COUNT,
      answered,
      releaseMs: spreads.map((ms) => round(ms, 1)),
      bytesPerIdleConnection: bytesPer(idle),
      bytesPerWaitingConnection: bytesPer(waiting),
    },
  ];
}
