#!/usr/bin/env node
// Runs a command beside a throw-away daemon with a live channel:
//   node tests/e2e/with-stream.mjs COMMAND [ARGUMENT…]
// KLIEG_URL is the daemon's address, KLIEG_CHANNEL the channel's name. Exits as the command does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Klieg } from './lib/klieg.mjs';
import { publishClock } from './lib/publish.mjs';

const CHANNEL = 'clock';

const [command, ...args] = process.argv.slice(2);
const klieg = await Klieg.start();
const channel = await klieg.createChannel(CHANNEL);
const publisher = publishClock(channel.rtmp);
try {
  await klieg.untilLive(channel);
  const env = { ...process.env, KLIEG_URL: klieg.base, KLIEG_CHANNEL: CHANNEL };
  const [code] = await once(spawn(command, args, { env, stdio: 'inherit' }), 'exit');
  process.exitCode = code ?? 1;
} finally {
  await publisher.stop();
  await klieg.dispose();
}
