/**
 * Makes the keys, users and passwords that replicas in containers are given through files. They are for a fleet on
 * this machine: nothing here is printed, and the folder keeps itself out of git.
 * Exit codes: 0 written, or found fit; 1 a key is not fit to sign with; 2 wrong usage, or secrets are there already.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ARGON2_REAL, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { secretFaults } from '../bench/gate/attacks/secret-strength.ts';
import { Secrets } from '../servers/contract.ts';

const USAGE = `Usage: node scripts/make-secrets.ts [--users N] [--out DIR] [--force] [--check]

Writes what docker-compose.yml needs, readable by you alone:

  tollgate.json   keys, and users with hashed passwords, for the replicas
  users.json      usernames and passwords, for whoever logs in; the last is an administrator
  compose.env     the Redis password and your user id, for docker compose --env-file

  --users N    how many ordinary users (10; at most 10000)
  --out DIR    where to write (deploy/secrets)
  --force      replace what is there; running replicas keep the old secrets until they are restarted
  --check      write nothing, and judge the keys that are there: length, kind, and whether they can be guessed
`;

const MOST_USERS = 10_000;
/** The id of the user `node` in the official images. */
const ORDINARY = 1000;

class UsageError extends Error {}
class WeakKeyError extends Error {}

interface Options {
  readonly users: number;
  readonly folder: string;
  readonly force: boolean;
  readonly check: boolean;
}

function readOptions(words: string[]): Options | null {
  const { values } = parseArgs({
    args: words,
    options: {
      users: { type: 'string', default: '10' },
      out: { type: 'string', default: join(import.meta.dirname, '..', 'deploy', 'secrets') },
      force: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const users = Number(values.users);
  if (!Number.isInteger(users) || users < 1 || users > MOST_USERS) {
    throw new UsageError(`--users must be a whole number from 1 to ${MOST_USERS}, not "${values.users}".`);
  }
  return { users, folder: values.out, force: values.force, check: values.check };
}

/**
 * Who replicas run as, and so who must own what they read: whoever calls, but never root, which gives its files to the
 * image's ordinary user instead.
 */
function ownerOf(): { uid: number; gid: number } {
  const uid = process.getuid?.() ?? ORDINARY;
  return uid === 0 ? { uid: ORDINARY, gid: ORDINARY } : { uid, gid: process.getgid?.() ?? ORDINARY };
}

/** Written beside and renamed, so that a reader sees the old file or the new one, and never a wider mode. */
function writePrivate(path: string, text: string): void {
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, text, { flag: 'wx', mode: 0o600 });
  renameSync(beside, path);
}

/** @throws WeakKeyError naming each key that is at fault, and nothing of what it holds */
function judge(secrets: Secrets, cure: string): void {
  const faults = secretFaults(secrets);
  if (faults.length > 0) throw new WeakKeyError(`${faults.join('; ')}: ${cure}`);
}

const SecretsFile = Type.Object({ secrets: Secrets });

/** @throws UsageError where there is no such file, or another kind of file; the parser's message would quote it */
function readSecrets(path: string): Secrets {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new UsageError(`${relative('.', path)} cannot be read as JSON: make secrets first.`);
  }
  if (!Value.Check(SecretsFile, value))
    throw new UsageError(`${relative('.', path)} does not hold secrets: make new ones with --force.`);
  return value.secrets;
}

async function main(words: string[]): Promise<void> {
  const options = readOptions(words);
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  const { folder } = options;
  const secretsPath = join(folder, 'tollgate.json');
  if (options.check) {
    judge(readSecrets(secretsPath), 'make new ones with --force');
    process.stderr.write(`make-secrets: the keys in ${relative('.', secretsPath)} are fit to sign with\n`);
    return;
  }
  if (existsSync(secretsPath) && !options.force) {
    throw new UsageError(`${relative('.', secretsPath)} is there already: give --force to replace it.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secrets = await makeSecrets();
  judge(secrets, 'this is a fault of Tollgate: report it');
  const users = await makeUsers(options.users, ARGON2_REAL);
  const records = users.map(({ record }) => record);
  const passwords = users.map(({ username, password }) => ({ username, password }));
  const owner = ownerOf();
  const settings = {
    // Hexadecimal: it stands in a URL, a configuration file and a shell word without being quoted.
    REDIS_PASSWORD: randomBytes(32).toString('hex'),
    TOLLGATE_UID: owner.uid,
    TOLLGATE_GID: owner.gid,
  };
  writePrivate(join(folder, 'users.json'), `${JSON.stringify(passwords, null, 2)}\n`);
  writePrivate(
    join(folder, 'compose.env'),
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  writePrivate(secretsPath, `${JSON.stringify({ secrets, users: records })}\n`);
  if (process.getuid?.() === 0) chownSync(secretsPath, owner.uid, owner.gid);
  process.stderr.write(`make-secrets: wrote keys and ${users.length} users to ${relative('.', folder) || '.'}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stderr.write(`make-secrets: ${message}${code?.startsWith('ERR_PARSE_ARGS') ? ' See --help.' : ''}\n`);
  process.exitCode = error instanceof WeakKeyError ? 1 : 2;
}
