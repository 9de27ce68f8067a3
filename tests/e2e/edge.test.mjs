// A plain nginx in front, set up as docs/operations.md says, asks the origin once for each URL and encoding (HL-p15).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { Klieg, freePorts, until } from './lib/klieg.mjs';
import { publishFfmpeg } from './lib/publish.mjs';

const NGINX = process.env.KLIEG_NGINX ?? '/usr/sbin/nginx';
const VIEWERS = 200;

let klieg;
let publisher;
let folder;
let nginx;
let edge;
let playlist; // its address at the edge

before(async () => {
  klieg = await Klieg.start();
  const channel = await klieg.createChannel('edge');
  publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  folder = await mkdtemp(path.join(tmpdir(), 'klieg-edge-'));
  const [port] = await freePorts(1);
  edge = `http://127.0.0.1:${port}`;
  await writeFile(path.join(folder, 'nginx.conf'), settings(port, klieg.ports.http));
  nginx = spawn(NGINX, ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { url } = await klieg.mediaPlaylist(channel);
  playlist = edge + new URL(url).pathname;
  await until('nginx to answer', async () => (await get(playlist).catch(() => ({}))).status === 200);
});

after(async () => {
  if (nginx) {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
  }
  await publisher?.stop();
  await klieg?.dispose();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// The log has a line for each answer: how the cache took it, and what was asked for.
const settings = (port, origin) => `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 2048; }
http {
  log_format asked '$upstream_cache_status $request_uri $encoding';
  access_log asked.log asked;
  client_body_temp_path body;
  proxy_temp_path temp;
  fastcgi_temp_path f;
  uwsgi_temp_path u;
  scgi_temp_path s;
  proxy_cache_path cache keys_zone=live:4m;
  map $http_accept_encoding $encoding { ~gzip gzip; default plain; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location /live {
      proxy_pass http://127.0.0.1:${origin};
      proxy_cache live;
      proxy_cache_key "$uri $arg__HLS_msn $arg__HLS_part $arg__HLS_skip $encoding";
      proxy_cache_lock on;
      proxy_cache_lock_timeout 15s;
      proxy_cache_lock_age 15s;
      proxy_read_timeout 20s;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Cookie "";
      proxy_set_header Authorization "";
    }
  }
}
`;

// A connection of its own, as every viewer has.
function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, headers, timeout: 20_000 }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.on('error', reject).on('timeout', () => request.destroy(new Error(`no answer: ${url}`)));
  });
}

// How many of these answers for addresses with `text` in them the origin was asked for; nginx writes its log after it answered.
async function askedOfOrigin(text, answers) {
  const lines = await until(`${answers} answers in the log of nginx`, async () => {
    const log = await readFile(path.join(folder, 'asked.log'), 'utf8');
    const found = log.split('\n').filter((line) => line.includes(text));
    return found.length >= answers && found;
  });
  assert.equal(lines.length, answers);
  return lines.filter((line) => !line.startsWith('HIT ')).length;
}

// A state that is to come: the first part of the next segment, so that whoever asks for it waits.
async function nextState() {
  const { body } = await get(`${klieg.base}${new URL(playlist).pathname}`);
  const hint = /PRELOAD-HINT:TYPE=PART,URI="s(\d+)\.p\d+\.m4s"/.exec(body.toString());
  return { msn: Number(hint[1]) + 1, part: 0 };
}

test(`${VIEWERS} blocked viewers are one request at the origin`, async () => {
  const { msn, part } = await nextState();
  const query = `?_HLS_msn=${msn}&_HLS_part=${part}`;
  const answers = await Promise.all(Array.from({ length: VIEWERS }, () => get(playlist + query)));
  for (const { status, body } of answers) {
    assert.equal(status, 200);
    assert.ok(body.equals(answers[0].body), 'two viewers saw different bytes');
  }
  assert.ok(answers[0].body.includes(`s${msn}.p${part}.m4s`));
  assert.equal(await askedOfOrigin(query, VIEWERS), 1);
});

test('the encoding is a part of the key, other parameters are not', async () => {
  const { msn } = await nextState();
  const query = `?_HLS_msn=${msn}`;
  const [plain, packed, other] = await Promise.all([
    get(playlist + query),
    get(playlist + query, { 'accept-encoding': 'gzip' }),
    get(`${playlist}${query}&viewer=7`),
  ]);
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(gunzipSync(packed.body).equals(plain.body));
  assert.ok(other.body.equals(plain.body));
  assert.equal(await askedOfOrigin(query, 3), 2);
});

test('a hinted part is asked for once, and kept', async () => {
  const { msn } = await nextState();
  await get(`${klieg.base}${new URL(playlist).pathname}?_HLS_msn=${msn}&_HLS_part=0`);
  const name = `s${msn}.p1.m4s`;
  const ask = () => get(new URL(name, playlist).href);
  const answers = await Promise.all(Array.from({ length: VIEWERS }, ask));
  answers.push(await ask());
  for (const { status, body } of answers) {
    assert.equal(status, 200);
    assert.ok(body.equals(answers[0].body));
  }
  assert.equal(await askedOfOrigin(name, VIEWERS + 1), 1);
});
