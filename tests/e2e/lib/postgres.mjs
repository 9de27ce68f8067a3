// A database for a daemon on the server that tools/with-postgres started, when there is one.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const { KLIEG_TEST_POSTGRES_URL: URL, KLIEG_SECRET_DATABASE_PASSWORD: PASSWORD } = process.env;

// A daemon on PostgreSQL makes no keys: all nodes must have the same.
function makeSecrets() {
  const key = () => randomBytes(32).toString('base64');
  return {
    jwtKeys: [{ kid: 'test', key: key() }],
    paginationKey: key(),
    storeKey: key(),
    uploadKey: key(),
    chatKey: key(),
    databasePassword: PASSWORD,
  };
}

// The daemon's environment for its own database, which goes with the server; {} without a server.
export async function preparePostgres(dataDir) {
  if (!URL) return {};
  const name = `klieg_${randomBytes(6).toString('hex')}`;
  await promisify(execFile)('psql', ['--quiet', '--command', `CREATE DATABASE ${name}`, URL], {
    env: { ...process.env, PGPASSWORD: PASSWORD },
  });
  await writeFile(path.join(dataDir, 'secrets.json'), JSON.stringify(makeSecrets()), { mode: 0o600 });
  return { KLIEG_STORE_DRIVER: 'postgres', KLIEG_STORE_URL: URL.replace('/postgres?', `/${name}?`) };
}
