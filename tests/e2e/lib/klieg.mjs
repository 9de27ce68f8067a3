// A throw-away daemon: own data directory, free ports, started and stopped by its process id.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { preparePostgres } from './postgres.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BINARY = process.env.KLIEG_BIN ?? path.join(ROOT, 'build/klieg');
const READY_MS = 15_000;
const STOP_MS = 40_000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Polls until `probe` returns something true; throws with `what` when it never does.
export async function until(what, probe, { timeoutMs = 15_000, everyMs = 50 } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`gave up waiting: ${what}`);
    await sleep(everyMs);
  }
}

// Ports that were free a moment ago, all different.
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer());
  const ports = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push(server.address().port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export class Klieg {
  #child = null;
  #output = [];
  #env;

  static async start(env = {}) {
    const klieg = new Klieg();
    klieg.dataDir = await mkdtemp(path.join(tmpdir(), 'klieg-e2e-'));
    const [http, ops, rtmp, rtmps] = await freePorts(4);
    klieg.base = `http://127.0.0.1:${http}`;
    klieg.ports = { http, ops, rtmp, rtmps };
    klieg.ops = `http://127.0.0.1:${ops}`;
    klieg.#env = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith('KLIEG_') || name === 'KLIEG_SLOW_OK'),
      ),
      KLIEG_DATA_DIR: klieg.dataDir,
      KLIEG_HTTP_LISTEN: `127.0.0.1:${http}`,
      KLIEG_HTTP_PUBLIC_URL: klieg.base,
      KLIEG_HTTP_OPS_LISTEN: `127.0.0.1:${ops}`,
      KLIEG_HTTP_UI_DIR: path.join(ROOT, 'web/dist'),
      KLIEG_RTMP_LISTEN: `127.0.0.1:${rtmp}`,
      KLIEG_RTMP_TLS_LISTEN: `127.0.0.1:${rtmps}`,
      ...(await preparePostgres(klieg.dataDir)),
      KLIEG_LOOPS: '2', // the paths between loops are to be walked on any machine
      ...env,
    };
    await klieg.launch();
    return klieg;
  }

  // Starts the process (again) on the same data; returns the ms until it answered.
  async launch() {
    const started = performance.now();
    const child = spawn(BINARY, ['serve'], { env: this.#env, cwd: this.dataDir, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => this.#output.push(chunk));
    this.#child = child;
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    await until(
      'the daemon to answer',
      () => {
        if (child.exitCode !== null || child.signalCode) throw new Error(`the daemon ended at once:\n${this.log}`);
        return this.isReady();
      },
      { timeoutMs: READY_MS, everyMs: 5 },
    );
    return performance.now() - started;
  }

  get pid() {
    return this.#child.pid;
  }

  get log() {
    return Buffer.concat(this.#output).toString();
  }

  async isReady() {
    try {
      return (await fetch(`${this.base}/api/status`, { signal: AbortSignal.timeout(2000) })).ok;
    } catch {
      return false;
    }
  }

  // { code, stdout, stderr } of a verb of the command line, run against this daemon.
  cli(...args) {
    return new Promise((resolve) => {
      execFile(BINARY, args, { env: this.#env, cwd: this.dataDir, timeout: 20_000 }, (error, stdout, stderr) =>
        resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }

  // { name, key, rtmp, rtmps, playback }; the addresses have the key at their end.
  async createChannel(name) {
    const { code, stdout, stderr } = await this.cli('channel', 'create', name);
    if (code !== 0) throw new Error(`channel create ${name}: ${stderr}`);
    const lines = [...stdout.matchAll(/^([A-Za-z][A-Za-z ]*): +(.*)$/gm)];
    const printed = Object.fromEntries(lines.map(([, field, value]) => [field.toLowerCase(), value]));
    const { 'stream key': key, 'playback url': playback } = printed;
    if (!key || !playback) throw new Error(`channel create printed:\n${stdout}`);
    return {
      name,
      key,
      playback,
      printed,
      rtmp: `rtmp://127.0.0.1:${this.ports.rtmp}/app/${key}`,
      rtmps: `rtmps://127.0.0.1:${this.ports.rtmps}/app/${key}`,
    };
  }

  async fetchText(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  // Waits until the channel's multivariant playlist is there; returns its text.
  async untilLive(channel, timeoutMs = 20_000) {
    return until(
      `${channel.name} to be live`,
      async () => {
        const { status, text } = await this.fetchText(channel.playback);
        return status === 200 && text;
      },
      { timeoutMs },
    );
  }

  // The media playlist of the first rendition: { url, text }.
  async mediaPlaylist(channel) {
    const master = await this.fetchText(channel.playback);
    const line = master.text.split('\n').find((each) => each && !each.startsWith('#'));
    const url = new URL(line, channel.playback).href;
    return { url, ...(await this.fetchText(url)) };
  }

  async metrics() {
    const { text } = await this.fetchText(`${this.ops}/metrics`);
    return Object.fromEntries(
      text
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => {
          const at = line.lastIndexOf(' ');
          return [line.slice(0, at), Number(line.slice(at + 1))];
        }),
    );
  }

  // { rssKiB, descriptors } of the process.
  async usage() {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return {
      rssKiB: Number(/VmRSS:\s+(\d+)/.exec(status)[1]),
      descriptors: (await readdir(`/proc/${this.pid}/fd`)).length,
    };
  }

  signal(name) {
    this.#child.kill(name);
  }

  // SIGTERM, or another; { code, signal, ms } of the end.
  async stop(signal = 'SIGTERM') {
    const started = performance.now();
    this.signal(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const end = await this.exited;
    clearTimeout(timer);
    return { ...end, ms: performance.now() - started };
  }

  // Ends the daemon if it still runs and removes its data. Throws when the end was not in order: a
  // sanitizer that found something, a leak too, makes it one.
  async dispose() {
    const isRunning = this.#child.exitCode === null && !this.#child.signalCode;
    const { code, signal } = isRunning ? await this.stop() : { code: 0, signal: null };
    await rm(this.dataDir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the daemon ended with ${code ?? signal}:\n${this.log.slice(-6000)}`);
  }
}

export const run = promisify(execFile);
