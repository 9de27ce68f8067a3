// Acceptance list, REG: registration.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { until } from '../e2e/lib/klieg.mjs';
import { ask, expectError, mailTo, mailsTo, newPerson, register, signIn, startKlieg } from './lib/client.mjs';

let klieg; // accounts are active at once
let strict; // they are not, and only one domain may register

before(async () => {
  [klieg, strict] = await Promise.all([
    startKlieg(),
    startKlieg({ KLIEG_ENABLE_USER_AUTO_VERIFY: 'false', KLIEG_SIGN_UP_ALLOWED_DOMAINS: 'allowed.example' }),
  ]);
});
after(() => Promise.all([klieg?.dispose(), strict?.dispose()]));

const tryRegister = (more, where = klieg) => ask(where, 'POST', '/channel/register', { body: newPerson(more) });

test('REG-1 a missing or empty member is refused by name', async () => {
  for (const name of ['username', 'email', 'password'])
    for (const value of [undefined, '']) expectError(await tryRegister({ [name]: value }), 400, 'Unexpected', name);
});

test('REG-2 only the allowed domain may register, in any letter case', async () => {
  for (const email of ['user@other.example', 'user@sub.allowed.example', 'not-an-address'])
    expectError(await tryRegister({ email, username: 'settings' }, strict), 400, 'AccountRegistration', 'email');
  assert.equal((await tryRegister({ email: 'USER@Allowed.Example' }, strict)).status, 201);
});

test('REG-3 reserved names', async () => {
  for (const username of ['settings', 'Settings', 'favicon.ico'])
    expectError(await tryRegister({ username }), 400, 'ReservedUsername', 'username');
});

test('REG-4, REG-5, REG-6 length and characters of a name', async () => {
  for (const username of ['abc', 'a'.repeat(21), 'jd oe', 'jdoe-', '....', 'jdöe'])
    expectError(await tryRegister({ username }), 400, 'AccountRegistration', 'username');
  for (const username of ['abcd', 'a'.repeat(20)]) assert.equal((await tryRegister({ username })).status, 201);
});

test('REG-8, REG-9 address and name are taken in any letter case; the name is told first', async () => {
  const { username, email } = await register(klieg);
  expectError(await tryRegister({ email }), 409, 'EmailExists');
  expectError(await tryRegister({ email: email.toUpperCase() }), 409, 'EmailExists');
  expectError(await tryRegister({ username }), 409, 'UsernameExists');
  expectError(await tryRegister({ username: username.toUpperCase(), email }), 409, 'UsernameExists');
});

test('REG-10 password and address', async () => {
  expectError(await tryRegister({ password: 'password' }), 400, 'InvalidPassword', 'password');
  expectError(await tryRegister({ email: 'not-an-address', password: 'x' }), 400, 'InvalidParameter', 'email');
});

test('REG-12, REG-13 with auto-verify the account is active, without a mail', async () => {
  const person = newPerson();
  const { status, body } = await ask(klieg, 'POST', '/channel/register', { body: person });
  assert.deepEqual([status, body], [201, { userConfirmed: true }]);
  await signIn(klieg, person);
  assert.deepEqual(await mailsTo(klieg, person.email), []);
});

test('REG-12 without, it is not, and one mail confirms it', async () => {
  const person = newPerson({ email: 'mailed@allowed.example' });
  const { status, body } = await ask(strict, 'POST', '/channel/register', { body: person });
  assert.deepEqual([status, body], [201, { userConfirmed: false }]);
  const { text, code } = await mailTo(strict, person.email);
  assert.ok(text.includes(`${strict.base}/login?code=${code}&username=${person.username}\r\n`));
  assert.match(text, /^Subject: Confirm your e-mail address\r$/m);
  assert.equal((await mailsTo(strict, person.email)).length, 1);
  assert.ok(strict.log.includes(`/login?code=${code}&username=`), 'a newcomer finds the link in the log');
});

test('REG-14 avatar and colour are known ones, or picked', async () => {
  expectError(await tryRegister({ avatar: 'custom' }), 400, 'AccountRegistration', 'avatar');
  expectError(await tryRegister({ color: 'hsla' }), 400, 'AccountRegistration', 'color');
  const { avatars, colors } = (await ask(klieg, 'GET', '/config')).body;
  const { user: picked } = await signIn(klieg, await register(klieg));
  assert.ok(avatars.includes(picked.avatar) && colors.includes(picked.color));
  const { user: chosen } = await signIn(klieg, await register(klieg, { avatar: 'tiger', color: 'salmon' }));
  assert.deepEqual([chosen.avatar, chosen.color], ['tiger', 'salmon']);
});

test('REG-15 of 20 equal requests at once one wins', async () => {
  const person = newPerson();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask(klieg, 'POST', '/channel/register', { body: person })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) expectError(answer, 409, 'UsernameExists');
});

test('whether a name is available, and why not', async () => {
  const available = async (query) => (await ask(klieg, 'GET', `/account/username/available${query}`)).body;
  const { username } = await register(klieg);
  assert.deepEqual(await available(`?name=${newPerson().username}`), { available: true });
  assert.deepEqual(await available(`?name=${username.toUpperCase()}`), { available: false, reason: 'taken' });
  assert.deepEqual(await available('?name=Login'), { available: false, reason: 'reserved' });
  assert.deepEqual(await available('?name=x'), { available: false, reason: 'invalid' });
  expectError(await ask(klieg, 'GET', '/account/username/available'), 400, 'BadRequest', 'name');
});

test('who may register, and how, changes at once with a reload', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'klieg-config-'));
  const file = path.join(folder, 'klieg.json');
  const write = (dev) => writeFile(file, JSON.stringify({ resourceConfig: { dev } }));
  await write({});
  const reloaded = await startKlieg({ KLIEG_CONFIG: file });
  assert.deepEqual((await tryRegister({}, reloaded)).body, { userConfirmed: true });
  await write({ signUpAllowedDomains: ['allowed.example'], enableUserAutoVerify: false });
  reloaded.signal('SIGHUP');
  await until('the reload', () => reloaded.log.includes('config: reloaded'));
  await until('the new routes', async () => !(await ask(reloaded, 'GET', '/config')).body.features.autoVerify);
  expectError(await tryRegister({}, reloaded), 400, 'AccountRegistration', 'email');
  const { body } = await tryRegister({ email: 'someone@allowed.example' }, reloaded);
  assert.deepEqual(body, { userConfirmed: false });
  await reloaded.dispose();
  await rm(folder, { recursive: true });
});
