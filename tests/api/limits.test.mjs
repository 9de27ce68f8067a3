// Acceptance list, LIM, and what holds for every request (§1.1 to §1.7).

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { sleep, until } from '../e2e/lib/klieg.mjs';
import { ask, expectError, newPerson, register, signIn, startKlieg } from './lib/client.mjs';

const limit = (count, seconds, burst) => JSON.stringify({ count, seconds, burst });

let folder;
let klieg; // without limits, but for those of its file
let strict;
const people = [];

const writeLimits = (limits) =>
  writeFile(path.join(folder, 'klieg.json'), JSON.stringify({ resourceConfig: { dev: { limits } } }));

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'klieg-limits-'));
  await writeLimits({});
  [klieg, strict] = await Promise.all([
    startKlieg({ KLIEG_CONFIG: path.join(folder, 'klieg.json'), KLIEG_LIMITS_SIGN_IN_PER_ADDRESS: undefined }),
    startKlieg({
      KLIEG_LIMITS_REGISTER_PER_ADDRESS: limit(10, 3600, 10),
      KLIEG_LIMITS_READ: limit(1, 1, 40),
      KLIEG_LIMITS_WRITE: limit(1, 1, 40),
    }),
  ]);
});
after(async () => {
  await Promise.all([klieg?.dispose(), strict?.dispose()]);
  await rm(folder, { recursive: true });
});

test('LIM 12 registrations from one address: the last two are refused, whatever is claimed to be forwarded', async () => {
  for (let i = 0; i < 12; i++) {
    const person = newPerson();
    people.push(person);
    const headers = { 'x-forwarded-for': `198.51.100.${i}` };
    const answer = await ask(strict, 'POST', '/channel/register', { body: person, headers });
    if (i < 10) {
      assert.equal(answer.status, 201);
      continue;
    }
    expectError(answer, 429, 'TooManyRequests');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(Number.isInteger(wait) && wait > 300 && wait <= 360, String(wait));
  }
});

test('LIM after Retry-After the request works, and who is signed in has a budget of his own', async () => {
  const { accessToken: token } = await signIn(strict, people[0]);
  let refused;
  for (let i = 0; i < 60 && refused === undefined; i++) {
    const answer = await ask(strict, 'GET', '/session');
    if (answer.status !== 200) refused = answer;
  }
  expectError(refused, 429, 'TooManyRequests');
  assert.equal((await ask(strict, 'GET', '/session', { token })).status, 200);
  const wait = Number(refused.headers.get('retry-after'));
  assert.ok(Number.isInteger(wait) && wait >= 1, String(wait));
  await sleep(wait * 1000);
  assert.equal((await ask(strict, 'GET', '/session')).status, 200);
});

test('what is checked first is told first', async () => {
  const { accessToken: token } = await signIn(klieg, await register(klieg));
  const text = { 'content-type': 'text/plain' };
  const put = (more) => ask(klieg, 'PUT', '/account/password', more);
  expectError(await ask(klieg, 'PATCH', '/account/password', { body: 'x', headers: text }), 405, 'MethodNotAllowed');
  expectError(await put({ body: {}, headers: text }), 401, 'Unauthorized');
  expectError(await put({ body: {}, token, headers: text }), 415, 'UnsupportedMediaType');
  expectError(await put({ body: [], token }), 400, 'BadRequest');
  expectError(await put({ body: {}, token }), 400, 'BadRequest', 'currentPassword');
});

test('bodies are strict JSON', async () => {
  const post = async (body) => {
    const response = await fetch(`${klieg.base}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
    });
    return { status: response.status, body: await response.json() };
  };
  for (const body of [
    '{"username":"a","username":"b","password":"c"}',
    '{"username":"a\\u0000","password":"c"}',
    Buffer.from('{"username":"\xff","password":"c"}', 'latin1'),
    `{"username":"a","password":"c","x":${'['.repeat(17)}${']'.repeat(17)}}`,
    '["a"]',
    '{',
  ])
    expectError(await post(body), 400, 'BadRequest');
  assert.equal((await post(`{"username":"a","password":"c","x":${'['.repeat(15)}${']'.repeat(15)}}`)).status, 401);
});

test('a cookie alone changes nothing from another site', async () => {
  const person = await register(klieg);
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };
  const { cookies } = await ask(klieg, 'POST', '/session', { body: person, headers: sameOrigin });
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
  const change = (headers) =>
    ask(klieg, 'PUT', '/account/password', {
      body: { currentPassword: 'wrong', newPassword: '0ther.Password' },
      headers: { cookie, ...headers },
    });
  expectError(await change({ 'sec-fetch-site': 'cross-site' }), 403, 'Forbidden');
  expectError(await change({ origin: 'https://evil.example' }), 403, 'Forbidden');
  expectError(await change({}), 403, 'Forbidden');
  expectError(await change(sameOrigin), 403, 'NotAuthorized', 'currentPassword');
  expectError(await change({ origin: klieg.base }), 403, 'NotAuthorized', 'currentPassword');
});

test('SIGHUP changes limits', async () => {
  const attempt = () => ask(klieg, 'POST', '/session', { body: { username: 'nobody', password: 'x' } });
  expectError(await attempt(), 401, 'NotAuthorized');
  await writeLimits({ signInPerAddress: { count: 1, seconds: 3600, burst: 1 } });
  klieg.signal('SIGHUP');
  await until('sign-ins to be refused', async () => (await attempt()).status === 429);
  await writeLimits({ signInPerAddress: { count: 0, seconds: 3600, burst: 1 } });
  klieg.signal('SIGHUP');
  await until('sign-ins to be taken again', async () => (await attempt()).status === 401);
});
