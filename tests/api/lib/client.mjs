// A client of the API, and daemons to ask: cheap hashing and no limits, except where a test is about them.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

import { Klieg, until } from '../../e2e/lib/klieg.mjs';

// The Node.js 18 of Debian 12 has no getSetCookie() yet and joins what it got by commas, of which the
// date in a cookie has one too.
function cookiesOf(headers) {
  if (headers.getSetCookie) return headers.getSetCookie();
  return (headers.get('set-cookie') ?? '').split(/, (?=[\w-]+=)/).filter(Boolean);
}

export const PASSWORD = 'Passw0rd!';

const NO_LIMIT = JSON.stringify({ count: 0, seconds: 1, burst: 1 });
const LIMITS = [
  'READ',
  'WRITE',
  'SIGN_IN_PER_ACCOUNT',
  'SIGN_IN_PER_ADDRESS',
  'REGISTER_PER_ADDRESS',
  'MAIL_PER_ACCOUNT',
  'MAIL_PER_ADDRESS',
  'CODE_PER_ADDRESS',
  'REFRESH_PER_SESSION',
];

export const startKlieg = (env = {}) =>
  Klieg.start({
    KLIEG_HTTP_UI_DIR: '',
    KLIEG_AUTH_ARGON2_OPS_LIMIT: '1',
    KLIEG_AUTH_ARGON2_MEM_MI_B: '8',
    ...Object.fromEntries(LIMITS.map((name) => [`KLIEG_LIMITS_${name}`, NO_LIMIT])),
    ...env,
  });

// { status, body, headers, cookies } of a request; every error is checked for its shape.
export async function ask(klieg, method, where, { body, token, headers = {} } = {}) {
  const response = await fetch(`${klieg.base}/api${where}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, cookies: cookiesOf(response.headers) };
  answer.body = text === '' ? undefined : JSON.parse(text);
  if (answer.status >= 400) {
    assert.match(answer.body.__type, /^[A-Z][A-Za-z]+Exception$/);
    assert.match(answer.body.message, /^.{5,}[.;].*$|^.{5,}\.$/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
  }
  return answer;
}

export function expectError(answer, status, type, field) {
  assert.deepEqual([answer.status, answer.body?.__type], [status, `${type}Exception`], JSON.stringify(answer.body));
  if (field !== undefined) assert.equal(answer.body.field, field);
}

let last = 0;

// Values of an account that nobody has yet.
export function newPerson(more = {}) {
  const username = `user${++last}`;
  return { username, email: `${username}@example.org`, password: PASSWORD, ...more };
}

export async function register(klieg, more) {
  const person = newPerson(more);
  const answer = await ask(klieg, 'POST', '/channel/register', { body: person });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return person;
}

export async function signIn(klieg, person) {
  const { username, password } = person;
  const answer = await ask(klieg, 'POST', '/session', { body: { username, password } });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

// The mails to an address, oldest first: { text, code }.
export async function mailsTo(klieg, email) {
  const folder = path.join(klieg.dataDir, 'mail');
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.sort().map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts
    .filter((text) => text.includes(`\r\nTo: <${email}>\r\n`) && text.trimEnd().endsWith('--'))
    .map((text) => ({ text, code: /[?]code=([\w-]{22})&username=/.exec(text)[1] }));
}

// The newest mail to an address once there are `count` of them.
export const mailTo = (klieg, email, count = 1) =>
  until(`mail ${count} to ${email}`, async () => {
    const mails = await mailsTo(klieg, email);
    return mails.length >= count && mails.at(-1);
  });
