// The command line, configuration and secrets, as an operator meets them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Klieg, freePorts, sleep, until } from './lib/klieg.mjs';
import { publishFfmpeg } from './lib/publish.mjs';

let klieg;
let configFile;

const writeConfig = (dev) => writeFile(configFile, JSON.stringify({ resourceConfig: { dev } }));
const mode = async (name) => ((await stat(path.join(klieg.dataDir, name))).mode & 0o777).toString(8);

before(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'klieg-config-'));
  configFile = path.join(folder, 'klieg.json');
  await writeConfig({ allowedOrigins: ['https://one.example'] });
  klieg = await Klieg.start({ KLIEG_CONFIG: configFile });
});
after(async () => {
  await klieg.dispose();
  await rm(path.dirname(configFile), { recursive: true });
});

test('a channel is created with lines that scripts can read, and shown again', async () => {
  const created = await klieg.cli('channel', 'create', 'Cats.And_Dogs');
  assert.equal(created.code, 0, created.stderr);
  const lines = Object.fromEntries(
    created.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/:\s+(.*)/s, 2)),
  );
  assert.deepEqual(Object.keys(lines), [
    'Name',
    'Channel id',
    'Stream key',
    'RTMP URL',
    'RTMPS URL',
    'Playback URL',
    'Page URL',
  ]);
  assert.match(lines['Stream key'], /^sk_us-west-2_[A-Za-z0-9]{12}_[A-Za-z0-9]{32}$/);
  assert.equal(lines['RTMP URL'], `rtmp://127.0.0.1:${klieg.ports.rtmp}/app/`);
  assert.equal(lines['RTMPS URL'], `rtmps://127.0.0.1:${klieg.ports.rtmps}/app/`);
  assert.equal(lines['Playback URL'], `${klieg.base}/live/${lines['Channel id']}/master.m3u8`);
  assert.equal(lines['Page URL'], `${klieg.base}/Cats.And_Dogs`);

  const shown = await klieg.cli('channel', 'show', 'cats.and_dogs');
  assert.equal(shown.stdout, created.stdout);
  const list = await klieg.cli('channel', 'list');
  assert.match(list.stdout, new RegExp(`^Cats\\.And_Dogs\t${lines['Channel id']}\tBASIC\toffline$`, 'm'));
  assert.doesNotMatch(list.stdout, /sk_/);
  assert.doesNotMatch(klieg.log, /sk_us/);
});

test('a name that cannot be is refused in words', async () => {
  for (const [name, words] of [
    ['abc', /4 to 20/],
    ['live', /reserved/],
    ['a b c d', /4 to 20/],
    ['x.html', /reserved/],
  ]) {
    const { code, stdout, stderr } = await klieg.cli('channel', 'create', name);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, words);
  }
  await klieg.cli('channel', 'create', 'twice');
  const again = await klieg.cli('channel', 'create', 'TWICE');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is taken/);
  assert.equal((await klieg.cli('channel', 'show', 'nobody')).code, 1);
});

test('wrong usage ends with status 64', async () => {
  for (const args of [
    [],
    ['frobnicate'],
    ['channel'],
    ['channel', 'create'],
    ['channel', 'create', 'a', 'b'],
    ['serve', '--nope'],
    ['--set'],
  ])
    assert.equal((await klieg.cli(...args)).code, 64, args.join(' '));
  const help = await klieg.cli('help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /channel create +NAME/);
  assert.match(help.stdout, /http\.listen = 127\.0\.0\.1:8080 \| 0\.0\.0\.0:8080/);
  assert.match((await klieg.cli('version')).stdout, /^klieg \d+\.\d+\.\d+$/m);
});

test('every kind of wrong setting is named, with status 78', async () => {
  const bad = await klieg.cli('--set', 'http.lsten=x', '--set', 'media.partMs=5', 'serve');
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /--set http\.lsten: unknown option \(did you mean "http\.listen"\?\)/);
  assert.match(bad.stderr, /--set media\.partMs: must be a whole number from 100 to 1000, not 5/);
  const rule = await klieg.cli('--set', 'store.driver=postgres', 'config', 'check');
  assert.equal(rule.code, 78);
  assert.match(rule.stderr, /store\.url: must be set/);
  assert.equal((await klieg.cli('--config', '/nonexistent.json', 'config', 'check')).code, 78);
  const withPassword = await klieg.cli(
    '--set',
    'store.driver=postgres',
    '--set',
    'store.url=postgres://u:hunter2@h/d',
    'config',
    'check',
  );
  assert.equal(withPassword.code, 78);
  assert.match(withPassword.stderr, /store\.url: must not hold the password/);
  assert.doesNotMatch(withPassword.stdout + withPassword.stderr, /hunter2/);
});

test('what is kept is readable by its owner only', async () => {
  assert.equal(await mode('secrets.json'), '600');
  assert.equal(await mode('klieg.db'), '600');
  assert.equal(await mode('klieg.db-wal'), '600');
  assert.equal(await mode('klieg.sock'), '600');
  const secrets = path.join(klieg.dataDir, 'secrets.json');
  await chmod(secrets, 0o644);
  const refused = await klieg.cli('channel', 'list');
  await chmod(secrets, 0o600);
  assert.equal(refused.code, 78);
  assert.match(refused.stderr, /secrets\.json: others can read or change it \(mode 0644\): chmod 600 it/);
});

test('a second daemon on the same data or the same ports does not start', async () => {
  const [http, ops, rtmp, rtmps] = await freePorts(4);
  const same = await klieg.cli(
    '--set',
    `http.listen=127.0.0.1:${http}`,
    '--set',
    `http.opsListen=127.0.0.1:${ops}`,
    '--set',
    `rtmp.listen=127.0.0.1:${rtmp}`,
    '--set',
    `rtmp.tlsListen=127.0.0.1:${rtmps}`,
    'serve',
  );
  assert.equal(same.code, 1);
  assert.match(same.stderr, /another daemon runs with this data folder/);
  const other = await mkdtemp(path.join(tmpdir(), 'klieg-other-'));
  const taken = await klieg.cli('--set', `dataDir=${other}`, 'serve');
  await rm(other, { recursive: true });
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /cannot listen option=http\.listen .*another program listens there/);
});

test('SIGHUP changes what may change, and keeps the old when the new is wrong', async () => {
  const origin = async (name) =>
    (await fetch(`${klieg.base}/api/status`, { headers: { origin: name } })).headers.get('access-control-allow-origin');
  assert.equal(await origin('https://one.example'), 'https://one.example');
  assert.equal(await origin('https://two.example'), null);

  await writeConfig({ allowedOrigins: ['https://two.example'], log: { level: 'warn' }, media: { partMs: 250 } });
  klieg.signal('SIGHUP');
  await until(
    'the new origin to be allowed',
    async () => (await origin('https://two.example')) === 'https://two.example',
  );
  assert.equal(await origin('https://one.example'), null);
  assert.match(klieg.log, /needs a restart to change option=media\.partMs/);

  await writeConfig({ allowedOrigins: ['https://three.example'], htpp: {} });
  klieg.signal('SIGHUP');
  await until('the problem to be logged', () =>
    /not reloaded problem=.*htpp: unknown key \(did you mean \\"http\\"/.test(klieg.log),
  );
  assert.equal(await origin('https://two.example'), 'https://two.example');
  await writeConfig({ allowedOrigins: ['https://one.example'] });
});

test('the system may choose the ports, and everybody is told them', async () => {
  const chosen = await Klieg.start({
    KLIEG_HTTP_OPS_LISTEN: '127.0.0.1:0',
    KLIEG_RTMP_LISTEN: '127.0.0.1:0',
    KLIEG_RTMP_TLS_LISTEN: '',
  });
  const port = Number(/listening option=rtmp\.listen .*port=(\d+)/.exec(chosen.log)[1]);
  const { stdout } = await chosen.cli('channel', 'create', 'anywhere');
  assert.match(stdout, new RegExp(`^RTMP URL: +rtmp://127\\.0\\.0\\.1:${port}/app/$`, 'm'));
  assert.match(stdout, /^RTMPS URL: +none$/m);
  await chosen.dispose();
});

test('in dev a certificate is made on the spot, for HTTPS and RTMPS on one port', async () => {
  const [tls] = await freePorts(1);
  const secure = await Klieg.start({ KLIEG_HTTP_TLS_LISTEN: `127.0.0.1:${tls}` });
  const status = await new Promise((resolve, reject) => {
    https
      .get({ port: tls, host: '127.0.0.1', path: '/api/status', rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });
  assert.equal(status, 200);
  const channel = await secure.createChannel('one_port');
  const publisher = publishFfmpeg(`rtmps://127.0.0.1:${tls}/app/${channel.key}`);
  await secure.untilLive(channel);
  await publisher.stop();
  await secure.dispose();
});

test('metadata needs a running daemon, a live channel and a fitting text', async () => {
  const channel = await klieg.createChannel('cued');
  const put = (text) => klieg.cli('metadata', 'put', channel.name, text);
  assert.match((await put('x')).stderr, /not live/);
  const publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  assert.equal((await put('x'.repeat(1024))).code, 0);
  assert.match((await put('x'.repeat(1025))).stderr, /1 to 1024 bytes/);
  assert.match((await put('')).stderr, /1 to 1024 bytes/);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => put(`burst ${i}`)));
  assert.ok(answers.some(({ stderr }) => /at most 5 a second/.test(stderr)));
  await publisher.stop();
  assert.match(
    (await klieg.cli('--set', 'dataDir=/nonexistent', 'metadata', 'put', 'cued', 'x')).stderr,
    /no daemon runs/,
  );
});

test('kill -9 leaves no session open for ever', async () => {
  const channel = await klieg.createChannel('struck');
  const publisher = publishFfmpeg(channel.rtmp);
  await klieg.untilLive(channel);
  await until(
    'the page to say so',
    async () => (await (await fetch(`${klieg.base}/api/channels/struck`)).json()).isLive,
  );
  await klieg.stop('SIGKILL');
  await publisher.stop();
  await klieg.launch();
  const page = await (await fetch(`${klieg.base}/api/channels/struck`)).json();
  assert.equal(page.isLive, false);
  assert.match(page.lastLiveAt, /^\d{4}-.*Z$/);
  assert.match(klieg.log, /ended sessions that the last run left open count=1/);
});

test('no secret is in the log', async () => {
  const secrets = JSON.parse(await readFile(path.join(klieg.dataDir, 'secrets.json'), 'utf8'));
  for (const value of [secrets.storeKey, secrets.chatKey, secrets.jwtKeys[0].key])
    assert.ok(!klieg.log.includes(value));
  assert.doesNotMatch(klieg.log, /sk_us-west-2_/);
});

test('a second request to stop is obeyed at once', async () => {
  const agent = new (await import('node:http')).Agent({ keepAlive: true });
  const slow = await Klieg.start({ KLIEG_HTTP_DRAIN_SECONDS: '60' });
  const { request } = await import('node:http');
  await new Promise((resolve) => {
    request({ agent, port: slow.ports.http, host: '127.0.0.1', path: '/api/status' }, (response) => {
      response.resume();
      response.on('end', resolve);
    }).end();
  });
  slow.signal('SIGTERM');
  await sleep(200);
  const ending = await slow.stop();
  agent.destroy();
  assert.ok(ending.ms < 1000, `it took ${ending.ms} ms`);
  await slow.dispose();
});

test('the committed example is accepted', async () => {
  const example = new URL('../../conf/example.json', import.meta.url).pathname;
  await new Promise((resolve, reject) => {
    const binary = process.env.KLIEG_BIN ?? new URL('../../build/klieg', import.meta.url).pathname;
    execFile(binary, ['--config', example, 'config', 'check'], { env: { PATH: process.env.PATH } }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
});
