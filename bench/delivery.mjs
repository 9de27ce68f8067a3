// Delivery of parts and playlists per core: answers per second of the server's CPU time, against
// nginx serving the same bytes as files on tmpfs (both with a P-256 certificate). Each server on core 0 alone, the load on the rest.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Klieg, freePorts } from '../tests/e2e/lib/klieg.mjs';
import {
  cpuSeconds,
  encodeSample,
  median,
  publish,
  removeFolder,
  round,
  run,
  scratch,
  sleep,
  startNginx,
} from './lib/measure.mjs';

const ROUNDS = 3;
const SECONDS = 5;

async function load(url, isHttp2) {
  if (isHttp2) {
    const { stdout } = await run('taskset', [
      '-c',
      '1',
      'h2load',
      '-D',
      String(SECONDS),
      '-c',
      '32',
      '-m',
      '32',
      '-t',
      '1',
      url,
    ]);
    return Number(/(\d+) succeeded/.exec(stdout)[1]);
  }
  const { stdout } = await run('taskset', ['-c', '1', 'wrk', '-t', '1', '-c', '64', '-d', `${SECONDS}s`, url]);
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} did not answer 200:\n${stdout}`);
  return Number(/(\d+) requests in/.exec(stdout)[1]);
}

// Answers per CPU second and per second.
async function measure(pid, url, isHttp2) {
  const before = await cpuSeconds(pid);
  const answers = await load(url, isHttp2);
  return { perCpuSecond: answers / ((await cpuSeconds(pid)) - before), perSecond: answers / SECONDS };
}

async function newestPart(klieg, channel) {
  const { url, text } = await klieg.mediaPlaylist(channel);
  const parts = [...text.matchAll(/EXT-X-PART:.*URI="([^"]+)"/g)].map((match) => match[1]);
  return { playlist: url, part: new URL(parts.at(-2), url).href, text };
}

export async function bench() {
  const folder = await scratch();
  const [https, peerHttp, peerHttps] = await freePorts(3);
  const certificate = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-keyout', certificate.key, '-out', certificate.cert],
  ]);
  const klieg = await Klieg.start({
    KLIEG_LOOPS: '1',
    KLIEG_HTTP_TLS_LISTEN: `127.0.0.1:${https}`,
    KLIEG_HTTP_UI_DIR: '', // its files would be compressed meanwhile
    KLIEG_LOG_LEVEL: 'warn',
    KLIEG_LIMITS_READ: '{"count":0,"seconds":1,"burst":1}',
  });
  await run('taskset', ['-a', '-p', '-c', '0', String(klieg.pid)]);
  const channel = await klieg.createChannel('bench');
  const sample = await encodeSample(folder, 30);
  const publisher = publish(sample, channel.rtmp);
  await klieg.untilLive(channel);
  await sleep(3000);

  const { part, text } = await newestPart(klieg, channel);
  await writeFile(path.join(folder, 'part.m4s'), Buffer.from(await (await fetch(part)).arrayBuffer()));
  await writeFile(path.join(folder, 'index.m3u8'), text);
  await writeFile(path.join(folder, 'status'), 'OK');
  const nginx = await startNginx(
    folder,
    `events { worker_connections 8192; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 75s; open_file_cache max=100;
  default_type video/mp4; types { application/vnd.apple.mpegurl m3u8; }
  server { listen 127.0.0.1:${peerHttp}; listen 127.0.0.1:${peerHttps} ssl http2; root ${folder};
    ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key}; } }`,
  );

  const peer = (scheme, file) => `${scheme}://127.0.0.1:${scheme === 'http' ? peerHttp : peerHttps}/${file}`;
  const overTls = (url) => url.replace(/^http:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${https}`);
  const newest = async (what, scheme) => {
    const url = (await newestPart(klieg, channel))[what];
    return scheme === 'https' ? overTls(url) : url;
  };
  const cases = [
    ['part, HTTP/1.1', false, () => newest('part', 'http'), peer('http', 'part.m4s')],
    ['part, HTTP/1.1 over TLS', false, () => newest('part', 'https'), peer('https', 'part.m4s')],
    ['playlist, HTTP/1.1', false, () => newest('playlist', 'http'), peer('http', 'index.m3u8')],
    ['playlist, HTTP/1.1 over TLS', false, () => newest('playlist', 'https'), peer('https', 'index.m3u8')],
    ['small answer, HTTP/2 over TLS', true, async () => overTls(`${klieg.base}/api/status`), peer('https', 'status')],
  ];
  const rows = [];
  for (const [name, isHttp2, ours, theirs] of cases) {
    const [own, others] = [[], []];
    for (let i = 0; i < ROUNDS; i++) {
      others.push(await measure(nginx.pid, theirs, isHttp2));
      own.push(await measure(klieg.pid, await ours(), isHttp2));
    }
    const rate = (results, key) => Math.round(median(results.map((result) => result[key])));
    rows.push({
      case: name,
      kliegPerCpuSecond: rate(own, 'perCpuSecond'),
      nginxPerCpuSecond: rate(others, 'perCpuSecond'),
      ratio: round(rate(own, 'perCpuSecond') / rate(others, 'perCpuSecond')),
      kliegPerSecond: rate(own, 'perSecond'),
      nginxPerSecond: rate(others, 'perSecond'),
    });
  }
  await publisher.stop();
  await nginx.stop();
  await klieg.stop();
  await removeFolder(folder);
  await removeFolder(klieg.dataDir);
  return rows;
}
