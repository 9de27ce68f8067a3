// Acceptance list, SES: sign-in sessions, confirmation, passwords.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sleep } from '../e2e/lib/klieg.mjs';
import { PASSWORD, ask, expectError, mailTo, mailsTo, register, signIn, startKlieg } from './lib/client.mjs';

const OTHER = '0ther.Password';

let klieg; // accounts are active at once
let strict; // they are not; mails and failed sign-ins are limited as they are for people

before(async () => {
  [klieg, strict] = await Promise.all([
    startKlieg(),
    startKlieg({
      KLIEG_ENABLE_USER_AUTO_VERIFY: 'false',
      KLIEG_LIMITS_MAIL_PER_ACCOUNT: JSON.stringify({ count: 3, seconds: 3600, burst: 3 }),
      KLIEG_LIMITS_REFRESH_PER_SESSION: JSON.stringify({ count: 1, seconds: 2, burst: 3 }),
      KLIEG_LIMITS_SIGN_IN_PER_ACCOUNT: JSON.stringify({ count: 10, seconds: 900, burst: 10 }),
    }),
  ]);
});
after(() => Promise.all([klieg?.dispose(), strict?.dispose()]));

const trySignIn = (where, username, password = PASSWORD, more = {}) =>
  ask(where, 'POST', '/session', { body: { username, password, ...more } });
const confirm = (username, code) => ask(strict, 'POST', '/account/confirm', { body: { username, code } });
const refresh = (refreshToken) => ask(klieg, 'POST', '/session/refresh', { body: { refreshToken } });
const session = (token) => ask(klieg, 'GET', '/session', { token });
const cookiesOf = ({ cookies }) => cookies.map((cookie) => cookie.split(';')[0]).join('; ');

async function registerConfirmed() {
  const person = await register(strict);
  const { code } = await mailTo(strict, person.email);
  assert.equal((await confirm(person.username, code)).status, 200);
  return person;
}

test('SES-1 sign in by name or address in any letter case; one answer for all that is wrong', async () => {
  const { username, email } = await register(klieg);
  for (const name of [username, email, username.toUpperCase(), email.toUpperCase()]) {
    const { status, body } = await trySignIn(klieg, name);
    assert.equal(status, 201);
    assert.equal(body.user.username, username);
    assert.equal(body.user.email, email);
    assert.match(body.user.channelId, /^[A-Za-z0-9]{12}$/);
    assert.equal(body.user.channelArn, `arn:aws:ivs:us-west-2:000000000000:channel/${body.user.channelId}`);
    assert.equal(body.user.trackingId, body.user.channelId.toLowerCase());
    assert.match(body.refreshToken, /^[\w-]{43}$/);
    assert.match(body.sessionId, /^[\w-]{22}$/);
    assert.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 3600_000) < 20_000);
  }
  const wrong = await trySignIn(klieg, username, 'wrong');
  const unknown = await trySignIn(klieg, 'nobody');
  expectError(wrong, 401, 'NotAuthorized');
  assert.deepEqual(unknown.body, wrong.body);
  expectError(await trySignIn(klieg, '', PASSWORD), 400, 'BadRequest', 'username');
});

test('parallel first sign-ins make one channel', async () => {
  const { username } = await register(klieg);
  const answers = await Promise.all(Array.from({ length: 6 }, () => trySignIn(klieg, username)));
  assert.equal(new Set(answers.map(({ body }) => body.user.channelId)).size, 1);
});

test('SES-2 an account that is not confirmed', async () => {
  const { username } = await register(strict);
  expectError(await trySignIn(strict, username), 403, 'UserNotConfirmed');
  expectError(await trySignIn(strict, username, 'wrong'), 401, 'NotAuthorized');
});

test('SES-3 the mailed code confirms, and may be repeated', async () => {
  const { username, email } = await register(strict);
  const { code } = await mailTo(strict, email);
  expectError(await confirm(username, 'x'.repeat(22)), 400, 'CodeMismatch');
  expectError(await confirm('nobody', code), 400, 'CodeMismatch');
  for (let i = 0; i < 2; i++) {
    const { status, body } = await confirm(username.toUpperCase(), code);
    assert.deepEqual([status, body], [200, { username }]);
  }
  await signIn(strict, { username, password: PASSWORD });
  expectError(await confirm(username, 'x'.repeat(22)), 400, 'CodeMismatch');
});

test('SES-3 five wrong tries kill a code; a new one replaces it', async () => {
  const { username, email } = await register(strict);
  const { code } = await mailTo(strict, email);
  for (let i = 0; i < 5; i++) expectError(await confirm(username, 'wrong'), 400, 'CodeMismatch');
  expectError(await confirm(username, code), 400, 'ExpiredCode');
  assert.equal((await ask(strict, 'POST', '/account/confirm/resend', { body: { username: email } })).status, 200);
  const next = await mailTo(strict, email, 2);
  assert.equal((await confirm(username, next.code)).status, 200);
});

test('SES-4 the fourth mail within an hour is refused, for known and unknown names', async () => {
  const { username, email } = await register(strict);
  for (const name of [username, 'nobody4']) {
    const resend = () => ask(strict, 'POST', '/account/confirm/resend', { body: { username: name } });
    for (let i = 0; i < 3; i++) assert.deepEqual((await resend()).body, {});
    const refused = await resend();
    expectError(refused, 429, 'LimitExceeded');
    assert.ok(Number(refused.headers.get('retry-after')) > 3000);
  }
  assert.ok(await mailTo(strict, email, 4));
});

test('SES-4 a confirmed account gets no more such mails', async () => {
  const { username, email } = await registerConfirmed();
  const waiting = await register(strict);
  for (const name of [username, waiting.username])
    assert.equal((await ask(strict, 'POST', '/account/confirm/resend', { body: { username: name } })).status, 200);
  await mailTo(strict, waiting.email, 2);
  assert.equal((await mailsTo(strict, email)).length, 1);
});

test('a session refreshes so often and no oftener, and its token stays good', async () => {
  const { refreshToken } = await signIn(strict, await registerConfirmed());
  const use = () => ask(strict, 'POST', '/session/refresh', { body: { refreshToken } });
  for (let i = 0; i < 3; i++) assert.equal((await use()).status, 200);
  const refused = await use();
  expectError(refused, 429, 'TooManyRequests');
  const wait = Number(refused.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 2, String(wait));
  await sleep(wait * 1000);
  assert.equal((await use()).status, 200);
});

test('SES-5 a refresh token gives new tokens, and soon after once more', async () => {
  const first = await signIn(klieg, await register(klieg));
  const second = await refresh(first.refreshToken);
  assert.equal(second.status, 200);
  assert.equal(second.body.sessionId, first.sessionId);
  assert.notEqual(second.body.refreshToken, first.refreshToken);
  assert.equal((await session(second.body.accessToken)).status, 200);
  assert.equal((await refresh(first.refreshToken)).status, 200);
  expectError(await refresh('x'.repeat(43)), 401, 'NotAuthorized');
  expectError(await refresh(first.accessToken), 401, 'NotAuthorized');
});

test('SES-5 used again 11 s later, it ends the whole session', async () => {
  const first = await signIn(klieg, await register(klieg));
  const { body: second } = await refresh(first.refreshToken);
  assert.equal((await session(second.accessToken)).status, 200); // and is known from now on
  await sleep(11_000);
  expectError(await refresh(first.refreshToken), 401, 'NotAuthorized');
  expectError(await refresh(second.refreshToken), 401, 'NotAuthorized');
  expectError(await session(second.accessToken), 401, 'Unauthorized');
});

test('SES-6 sign out ends a session at once, or all of them', async () => {
  const person = await register(klieg);
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => signIn(klieg, person)));
  assert.equal((await session(one.accessToken)).status, 200);
  const out = await ask(klieg, 'DELETE', '/session', { token: one.accessToken });
  assert.deepEqual([out.status, out.body], [204, undefined]);
  expectError(await session(one.accessToken), 401, 'Unauthorized');
  expectError(await refresh(one.refreshToken), 401, 'NotAuthorized');
  assert.equal((await session(two.accessToken)).status, 200);
  assert.equal((await ask(klieg, 'DELETE', '/session?everywhere=true', { token: two.accessToken })).status, 204);
  for (const { accessToken } of [two, three]) expectError(await session(accessToken), 401, 'Unauthorized');
  assert.equal((await ask(klieg, 'DELETE', '/session')).status, 204);
  expectError(await ask(klieg, 'DELETE', '/session', { token: one.accessToken }), 401, 'Unauthorized');
});

test('SES-7 a reset is mailed to known addresses only, and the answer tells nothing', async () => {
  const reset = (email) => ask(strict, 'POST', '/channel/password/reset', { body: { email } });
  const { username, email } = await registerConfirmed();
  expectError(await reset(undefined), 400, 'BadRequest', 'email');
  for (const address of [email, 'unknown@example.org', username]) {
    const { status, body } = await reset(address);
    assert.deepEqual([status, body], [200, {}]);
  }
  const { text } = await mailTo(strict, email, 2);
  assert.match(text, /\/reset\?code=[\w-]{22}&username=/);
  assert.deepEqual(await mailsTo(strict, 'unknown@example.org'), []);
  const unconfirmed = await register(strict);
  assert.equal((await reset(unconfirmed.email)).status, 200);
  assert.match((await mailTo(strict, unconfirmed.email, 2)).text, /\/login\?code=/);
  assert.equal((await mailsTo(strict, email)).length, 2);
});

test('SES-8 the mailed code sets a password, once, and ends all sessions', async () => {
  const person = await registerConfirmed();
  const { accessToken } = await signIn(strict, person);
  assert.equal((await ask(strict, 'GET', '/session', { token: accessToken })).status, 200);
  await ask(strict, 'POST', '/channel/password/reset', { body: { email: person.email.toUpperCase() } });
  const { code } = await mailTo(strict, person.email, 2);
  const set = (newPassword) =>
    ask(strict, 'POST', '/password/confirm', { body: { username: person.username, code, newPassword } });
  expectError(await set('weak'), 400, 'InvalidPassword', 'newPassword');
  const { status, body } = await set(OTHER);
  assert.deepEqual([status, body], [200, {}]);
  expectError(await set(OTHER), 400, 'ExpiredCode');
  expectError(await ask(strict, 'GET', '/session', { token: accessToken }), 401, 'Unauthorized');
  expectError(await trySignIn(strict, person.username), 401, 'NotAuthorized');
  assert.equal((await trySignIn(strict, person.username, OTHER)).status, 201);
});

test('SES-9 changing the password', async () => {
  const person = await register(klieg);
  const { accessToken } = await signIn(klieg, person);
  const change = (currentPassword, newPassword, token = accessToken) =>
    ask(klieg, 'PUT', '/account/password', { token, body: { currentPassword, newPassword } });
  expectError(await change('wrong', OTHER), 403, 'NotAuthorized', 'currentPassword');
  expectError(await change(PASSWORD, PASSWORD), 400, 'InvalidPassword', 'newPassword');
  expectError(await change(PASSWORD, 'weak'), 400, 'InvalidPassword', 'newPassword');
  assert.equal((await session(accessToken)).status, 200);
  const { status, body } = await change(PASSWORD, OTHER);
  assert.equal(status, 200);
  expectError(await session(accessToken), 401, 'Unauthorized');
  assert.equal((await session(body.accessToken)).status, 200);
  assert.equal((await trySignIn(klieg, person.username, OTHER)).status, 201);
  expectError(await change(PASSWORD, OTHER, accessToken), 401, 'Unauthorized');
});

test('SES-10 ten failures lock an account, and a reset unlocks it', async () => {
  const person = await registerConfirmed();
  for (const name of [person.username, 'nobody10']) {
    for (let i = 0; i < 10; i++) expectError(await trySignIn(strict, name, 'wrong'), 401, 'NotAuthorized');
    const locked = await trySignIn(strict, name);
    expectError(locked, 429, 'LimitExceeded');
    assert.ok(Number(locked.headers.get('retry-after')) > 800);
  }
  expectError(await trySignIn(strict, person.email), 429, 'LimitExceeded');
  await ask(strict, 'POST', '/channel/password/reset', { body: { email: person.email } });
  const { code } = await mailTo(strict, person.email, 2);
  const body = { username: person.username, code, newPassword: OTHER };
  assert.equal((await ask(strict, 'POST', '/password/confirm', { body })).status, 200);
  assert.equal((await trySignIn(strict, person.username, OTHER)).status, 201);
});

test('a successful sign-in forgets the failures before it', async () => {
  const person = await registerConfirmed();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6; i++) expectError(await trySignIn(strict, person.username, 'wrong'), 401, 'NotAuthorized');
    await signIn(strict, person);
  }
});

test('SES-11 cookies for our own pages, tokens for others', async () => {
  const { username } = await register(klieg);
  const ours = { 'sec-fetch-site': 'same-origin' };
  const mode = (value, headers) =>
    ask(klieg, 'POST', '/session', { body: { username, password: PASSWORD, mode: value }, headers });
  const signedIn = await mode(undefined, ours);
  assert.equal(signedIn.status, 201);
  assert.equal(signedIn.body.accessToken ?? signedIn.body.refreshToken, undefined);
  const [access, token] = signedIn.cookies;
  assert.match(access, /^klieg_at=[\w.-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  assert.match(token, /^klieg_rt=[\w-]{43}; Path=\/api\/session; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  assert.ok((await mode('token', ours)).body.accessToken);
  expectError(await mode('cookie', {}), 403, 'Forbidden');
  expectError(await mode('cookie', { 'sec-fetch-site': 'cross-site' }), 403, 'Forbidden');
  expectError(await mode('other', ours), 400, 'BadRequest', 'mode');

  const cookie = cookiesOf(signedIn);
  assert.equal((await ask(klieg, 'GET', '/session', { headers: { cookie } })).body.user.username, username);
  expectError(await ask(klieg, 'POST', '/session/refresh', { headers: { cookie } }), 403, 'Forbidden');
  const refreshed = await ask(klieg, 'POST', '/session/refresh', { headers: { cookie, ...ours } });
  assert.equal(refreshed.status, 200);
  assert.equal(refreshed.cookies.length, 2);
  const out = await ask(klieg, 'DELETE', '/session', { headers: { cookie, ...ours } });
  assert.equal(out.status, 204);
  assert.ok(
    out.cookies.every((each) => /^klieg_[ar]t=; .*Max-Age=0/.test(each)),
    String(out.cookies),
  );
  const late = await ask(klieg, 'POST', '/session/refresh', { headers: { cookie: cookiesOf(refreshed), ...ours } });
  expectError(late, 401, 'NotAuthorized');
  assert.equal(late.cookies.length, 2);
  assert.equal((await ask(klieg, 'DELETE', '/session', { headers: { cookie, ...ours } })).status, 204);
});

test('SES-12 who is signed in', async () => {
  assert.deepEqual((await ask(klieg, 'GET', '/session')).body, { user: null });
  const signedIn = await signIn(klieg, await register(klieg));
  const { status, body } = await session(signedIn.accessToken);
  assert.equal(status, 200);
  const { accessToken, refreshToken, ...same } = signedIn;
  assert.deepEqual(body, same);
  expectError(await session(`${accessToken}x`), 401, 'Unauthorized');
  expectError(await session(refreshToken), 401, 'Unauthorized');
});

test('the own channel, with its stream key', async () => {
  const person = await register(klieg, { avatar: 'bird2', color: 'salmon' });
  const { accessToken, user } = await signIn(klieg, person);
  const { status, body, headers } = await ask(klieg, 'GET', '/channel', { token: accessToken });
  assert.equal(status, 200);
  assert.equal(headers.get('cache-control'), 'no-store');
  const { streamKeyValue, ...rest } = body;
  assert.match(streamKeyValue, /^sk_us-west-2_[A-Za-z0-9]{12}_[A-Za-z0-9]{32}$/);
  const id = user.channelId;
  assert.deepEqual(rest, {
    username: person.username,
    email: person.email,
    avatar: 'bird2',
    color: 'salmon',
    channelAssetUrls: {},
    channelId: id,
    channelResourceId: id,
    channelArn: user.channelArn,
    trackingId: user.trackingId,
    ingestEndpoint: '127.0.0.1',
    ingestServerUrl: rest.ingestServerUrl,
    whipUrl: `${klieg.base}/whip`,
    playbackUrl: `${klieg.base}/live/${id}/master.m3u8`,
    stageId: null,
    channelConfiguration: {
      type: 'BASIC',
      multitrackInputConfiguration: { enabled: false, maximumResolution: '', policy: '' },
    },
    isLive: false,
    title: '',
    category: null,
    tags: [],
    language: null,
    mature: false,
    bio: '',
    followerCount: 0,
  });
  assert.match(rest.ingestServerUrl, /^rtmps?:\/\/127\.0\.0\.1:\d+\/app\/$/);
  expectError(await ask(klieg, 'GET', '/channel'), 401, 'Unauthorized');
  const again = await ask(klieg, 'POST', '/channel/resources/create', { token: accessToken, body: {} });
  assert.deepEqual([again.status, again.body], [200, {}]);
});

test('no secret reaches the log', async () => {
  assert.ok(!klieg.log.includes(PASSWORD) && !strict.log.includes(OTHER));
  const { accessToken, refreshToken } = await signIn(klieg, await register(klieg));
  assert.ok(!klieg.log.includes(accessToken) && !klieg.log.includes(refreshToken));
});
