// Accounts from the command line, beside the running daemon.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, expectError, register, signIn, startKlieg } from './lib/client.mjs';

let klieg;

before(async () => {
  klieg = await startKlieg();
});
after(() => klieg?.dispose());

const printed = (stdout) =>
  Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/: +/)),
  );

async function user(...words) {
  const { code, stdout, stderr } = await klieg.cli('user', ...words);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('an account is created with a password that works', async () => {
  const { Name: username, Password: password } = printed(await user('create', 'Op.One', 'op@example.org'));
  assert.equal(username, 'Op.One');
  const { user: account } = await signIn(klieg, { username: 'op@example.org', password });
  assert.equal(account.username, 'Op.One');
  const line = (await user('list')).split('\n').find((each) => each.startsWith('Op.One\t'));
  assert.equal(line, `Op.One\top@example.org\tactive\t${account.channelId}`);
  for (const words of [
    ['op.ONE', 'other@example.org'],
    ['other', 'OP@example.org'],
    ['settings', 'other@example.org'],
    ['other', 'nobody'],
  ])
    assert.equal((await klieg.cli('user', 'create', ...words)).code, 1);
});

test('a new password ends what the old one opened', async () => {
  const person = await register(klieg);
  const { refreshToken } = await signIn(klieg, person);
  const { Password: password } = printed(await user('reset-password', person.username));
  expectError(await ask(klieg, 'POST', '/session/refresh', { body: { refreshToken } }), 401, 'NotAuthorized');
  expectError(await ask(klieg, 'POST', '/session', { body: person }), 401, 'NotAuthorized');
  await signIn(klieg, { username: person.username, password });
});

test('a deleted account is gone, and its name and address are free', async () => {
  const person = await register(klieg);
  await signIn(klieg, person);
  assert.equal(await user('delete', person.username), `Deleted: ${person.username}\n`);
  expectError(await ask(klieg, 'POST', '/session', { body: person }), 401, 'NotAuthorized');
  expectError(await ask(klieg, 'GET', `/channels/${person.username}`), 404, 'UserNotFound');
  assert.equal((await ask(klieg, 'POST', '/channel/register', { body: person })).status, 201);
  assert.equal((await klieg.cli('user', 'delete', 'nobody')).code, 1);
});
