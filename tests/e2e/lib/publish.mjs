// Publishers: real encoders as child processes, and a test picture whose clock a machine can read.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { CLOCK_FPS, CLOCK_HEIGHT, CLOCK_WIDTH, drawClock } from './clock.mjs';

const STOP_MS = 5000;

// A child process that publishes, with what it printed; ended by its process id.
export class Publisher {
  #child;
  #output = [];

  constructor(command, args, options = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk) => this.#output.push(chunk));
    this.#child.stdin?.on('error', () => {}); // it went away while frames were written
    this.exited = once(this.#child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  get stdin() {
    return this.#child.stdin;
  }

  get output() {
    return Buffer.concat(this.#output).toString();
  }

  get isRunning() {
    return this.#child.exitCode === null && !this.#child.signalCode;
  }

  // SIGINT ends a stream cleanly, SIGKILL as a crash would.
  async stop(signal = 'SIGINT') {
    if (this.isRunning) this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const end = await this.exited;
    clearTimeout(timer);
    return end;
  }
}

const X264 = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-tune',
  'zerolatency',
  '-g',
  '60',
  '-keyint_min',
  '60',
  '-sc_threshold',
  '0',
  '-pix_fmt',
  'yuv420p',
];

// ffmpeg with a test picture and tone. `video` replaces the encoder's arguments; `audio: false` leaves it out.
export function publishFfmpeg(url, { size = '640x360', fps = 30, video = X264, audio = true, output = [] } = {}) {
  return new Publisher(
    'ffmpeg',
    [
      '-hide_banner',
      '-loglevel',
      'warning',
      '-re',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${size}:rate=${fps}`,
      ...(audio ? ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'] : []),
      ...video,
      ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
      ...output,
      '-f',
      'flv',
      url,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

// ffmpeg with frames drawn here, each with the time at which it was drawn.
export function publishClock(url) {
  const publisher = new Publisher('ffmpeg', [
    '-hide_banner',
    '-loglevel',
    'warning',
    '-fflags',
    'nobuffer',
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-s',
    `${CLOCK_WIDTH}x${CLOCK_HEIGHT}`,
    '-r',
    String(CLOCK_FPS),
    '-i',
    '-',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=48000',
    '-map',
    '0:v',
    '-map',
    '1:a',
    ...X264,
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    '-flush_packets',
    '1',
    '-f',
    'flv',
    url,
  ]);
  const started = performance.now();
  const frame = Buffer.alloc(CLOCK_WIDTH * CLOCK_HEIGHT);
  let count = 0;
  const timer = setInterval(() => {
    if (!publisher.isRunning) return clearInterval(timer);
    for (; count <= ((performance.now() - started) * CLOCK_FPS) / 1000; count++) {
      drawClock(frame, Date.now());
      publisher.stdin.write(Buffer.from(frame));
    }
  }, 5);
  publisher.exited.then(() => clearInterval(timer));
  return publisher;
}

// GStreamer's two RTMP sinks.
export function publishGstreamer(sink, url) {
  return new Publisher(
    'gst-launch-1.0',
    [
      '-q',
      'flvmux',
      'name=mux',
      'streamable=true',
      '!',
      sink,
      `location=${url}`,
      'videotestsrc',
      'is-live=true',
      '!',
      'video/x-raw,format=I420,width=640,height=360,framerate=30/1',
      '!',
      'x264enc',
      'tune=zerolatency',
      'speed-preset=ultrafast',
      'key-int-max=60',
      '!',
      'h264parse',
      '!',
      'mux.',
      'audiotestsrc',
      'is-live=true',
      '!',
      'audio/x-raw,rate=48000,channels=2',
      '!',
      'avenc_aac',
      '!',
      'aacparse',
      '!',
      'mux.',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}
