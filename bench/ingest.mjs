// CPU time of taking RTMP and packaging HLS, for N publishers that copy the same 720p stream of
// 2.5 Mbit/s, against nginx-rtmp (HLS on tmpfs). Memory per stream once the window is full.

import { Klieg } from '../tests/e2e/lib/klieg.mjs';
import {
  cpuSeconds,
  encodeSample,
  memory,
  publish,
  removeFolder,
  round,
  scratch,
  sleep,
  startNginx,
} from './lib/measure.mjs';

const SETTLE_MS = 8_000;
const MEASURE_MS = 30_000;
const FILL_MS = 70_000; // a window, and the time that what left it can still be fetched

async function withPublishers(sample, urls, measure) {
  const publishers = urls.map((url) => publish(sample, url));
  try {
    await sleep(SETTLE_MS);
    return await measure();
  } finally {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
  }
}

async function cpuPerSecond(pid) {
  const before = await cpuSeconds(pid);
  const started = performance.now();
  await sleep(MEASURE_MS);
  return ((await cpuSeconds(pid)) - before) / ((performance.now() - started) / 1000);
}

async function measureKlieg(sample, count, { fill = false } = {}) {
  const folder = await scratch();
  const klieg = await Klieg.start({
    KLIEG_LOOPS: '1',
    KLIEG_MEDIA_MAX_LIVE_STREAMS: '1000',
    KLIEG_MEDIA_STORE_DIR: `${folder}/live`,
    KLIEG_LOG_LEVEL: 'warn',
    KLIEG_HTTP_UI_DIR: '',
  });
  const urls = [];
  for (let i = 0; i < count; i++) urls.push((await klieg.createChannel(`bench${i}`)).rtmp);
  const idle = await memory(klieg.pid);
  const result = await withPublishers(sample, urls, async () => {
    const cpu = await cpuPerSecond(klieg.pid);
    if (fill) await sleep(Math.max(0, FILL_MS - SETTLE_MS - MEASURE_MS));
    return { cpu, memory: await memory(klieg.pid) };
  });
  const live = await klieg.metrics();
  await klieg.stop();
  await removeFolder(folder);
  await removeFolder(klieg.dataDir);
  return { ...result, idle, live };
}

async function measureNginx(sample, count) {
  const folder = await scratch();
  const port = 20000 + (process.pid % 10000);
  const nginx = await startNginx(
    folder,
    `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
events { worker_connections 4096; }
rtmp { server { listen 127.0.0.1:${port}; chunk_size 4096; access_log off;
  application app { live on; hls on; hls_path ${folder}/hls; hls_fragment 2s; hls_playlist_length 28s; } } }`,
  );
  const urls = Array.from({ length: count }, (_, i) => `rtmp://127.0.0.1:${port}/app/bench${i}`);
  const cpu = await withPublishers(sample, urls, () => cpuPerSecond(nginx.pid));
  await nginx.stop();
  await removeFolder(folder);
  return cpu;
}

export async function bench() {
  const folder = await scratch();
  const sample = await encodeSample(folder, 60);
  const rows = [];
  for (const count of [1, 20, 100]) {
    const peer = await measureNginx(sample, count);
    const { cpu, memory: used, idle } = await measureKlieg(sample, count, { fill: count === 20 });
    rows.push({
      publishers: count,
      kliegCpuPercentPerStream: round((cpu / count) * 100, 3),
      nginxRtmpCpuPercentPerStream: round((peer / count) * 100, 3),
      ratio: round(cpu / peer),
      ...(count === 20 && {
        kliegMiBPerStream: round((used.all - idle.all) / count / 1024),
        kliegAnonymousMiBPerStream: round((used.anonymous - idle.anonymous) / count / 1024),
      }),
    });
  }
  await removeFolder(folder);
  return rows;
}
