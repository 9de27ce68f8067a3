// What all benchmarks measure with: CPU time and memory of processes as the kernel counts them.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const TICKS_PER_SECOND = Number((await run('getconf', ['CLK_TCK'])).stdout);

// CPU seconds (user and system, all threads) that the processes have used so far.
export async function cpuSeconds(...pids) {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

// KiB of a process: { all, anonymous, file }.
export async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { all: field('VmRSS'), anonymous: field('RssAnon'), file: field('RssFile') };
}

// On tmpfs, so that no disk is measured.
export const scratch = () => mkdtemp('/dev/shm/klieg-bench-');

// A process that is stopped by its pid: { pid, stop() }.
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  const exited = once(child, 'exit');
  return {
    child,
    pid: child.pid,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await exited;
      }
    },
  };
}

// nginx as a peer: one worker, pinned like the daemon it is compared with. { pid (the worker's), stop() }.
export async function startNginx(folder, config) {
  const file = path.join(folder, 'nginx.conf');
  await writeFile(
    file,
    `user root; daemon off; worker_processes 1; worker_rlimit_nofile 65536;
error_log ${folder}/error.log; pid ${folder}/nginx.pid;
${config}`,
  );
  const nginx = start('taskset', ['-c', '0', 'nginx', '-e', `${folder}/error.log`, '-p', folder, '-c', file]);
  await sleep(500);
  const { stdout } = await run('pgrep', ['-P', String(nginx.pid)]);
  return { ...nginx, pid: Number(stdout.split('\n')[0]) };
}

// A test picture as FLV, as an encoder would send it: 720p30, 2.5 Mbit/s, keyframes every 2 s.
export async function encodeSample(folder, seconds) {
  const file = path.join(folder, 'sample.flv');
  await run('ffmpeg', [
    ...['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
    ...['-c:v', 'libx264', '-preset', 'superfast', '-pix_fmt', 'yuv420p', '-g', '60', '-keyint_min', '60'],
    ...['-b:v', '2372k', '-minrate', '2372k', '-maxrate', '2372k', '-bufsize', '2372k', '-x264-params', 'nal-hrd=cbr'],
    ...['-c:a', 'aac', '-b:a', '128k', '-f', 'flv', file],
  ]);
  return file;
}

// Sends the sample over and over in real time.
export const publish = (sample, url) =>
  start('ffmpeg', ['-loglevel', 'error', '-stream_loop', '-1', '-re', '-i', sample, '-c', 'copy', '-f', 'flv', url]);

export const removeFolder = (folder) => rm(folder, { recursive: true, force: true });

export const round = (value, digits = 2) => Number(value.toFixed(digits));

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
