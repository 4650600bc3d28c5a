/**
 * `npm run secrets`: makes the keys, users and passwords that replicas in containers read from files. They are for a
 * fleet on this machine: nothing of them is printed, and the folder keeps itself out of git.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Type } from 'typebox';
import { ARGON2_REAL, makeSecrets, makeUsers } from '../../../bench/fleet/secrets.ts';
import { secretFaults } from '../../../bench/gate/attacks/secret-strength.ts';
import { EXIT, runError, usageError } from '../../../core/errors.ts';
import { makeFolders } from '../../../core/folders.ts';
import { type JsonFormat, readJson } from '../../../core/results/json-file.ts';
import { checker } from '../../../core/results/validate.ts';
import { writeWhole } from '../../../core/whole-file.ts';
import { Secrets } from '../../../servers/messages.ts';
import type { Command, FlagTable } from '../../command.ts';
import { printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { ROOT } from '../../root.ts';

const MOST_USERS = 10_000;
/** The id of the user `node` in the official images. */
const ORDINARY = 1000;
const DEFAULT_FOLDER = join(ROOT, 'deploy', 'secrets');

const FLAGS = {
  users: { value: 'N', help: `Make this many ordinary users, at most ${MOST_USERS} (default: 10).` },
  out: { value: 'DIR', help: 'Write the files here (default: deploy/secrets).' },
  force: { help: 'Replace existing secrets; running replicas keep the old ones until they are restarted.' },
  check: { help: 'Write nothing; judge the existing keys: their length, kind, and whether they can be guessed.' },
} as const satisfies FlagTable;

export const secrets: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: 'what docker-compose.yml needs' },
    { args: '--check', does: 'fails if a key is not fit to sign with' },
  ],
  notes: async () => [
    'Files, readable by you alone:',
    '  tollgate.json  keys, and users with hashed passwords, for the replicas',
    '  users.json     usernames and passwords of those who log in; the last is an administrator',
    '  compose.env    the Redis password and your user id, for docker compose --env-file',
  ],
  async run({ values, switches, faults, refuseFaults }) {
    const users = readInteger('users', values.users ?? '10', 1, MOST_USERS, faults) ?? 0;
    refuseFaults();
    const folder = values.out ?? DEFAULT_FOLDER;
    const path = join(folder, 'tollgate.json');
    if (switches.has('check')) {
      judge(readJson(path, FORMAT).secrets, 'make new ones with --force');
      printNote(`The keys in ${relative('.', path)} are fit to sign with.`);
      return EXIT.done;
    }
    if (existsSync(path) && !switches.has('force')) {
      throw usageError(`${relative('.', path)} exists already`, 'replace it with --force');
    }
    await makeAll(folder, users);
    printNote(`Wrote keys and ${users + 1} users to ${relative('.', folder) || '.'}`);
    return EXIT.done;
  },
};

/** The user that replicas run as, and who must own what they read: the caller, or the image's ordinary user for root. */
function ownerOf(): { uid: number; gid: number } {
  const uid = process.getuid?.() ?? ORDINARY;
  return uid === 0 ? { uid: ORDINARY, gid: ORDINARY } : { uid, gid: process.getgid?.() ?? ORDINARY };
}

/** @throws TollgateError naming each key that is not fit, and nothing of what it holds */
function judge(keys: Secrets, hint: string): void {
  const faults = secretFaults(keys);
  if (faults.length > 0) throw runError(faults.join('; '), hint);
}

const AGAIN = 'make new secrets: npm run secrets -- --force';
const FORMAT: JsonFormat<{ readonly secrets: Secrets }> = {
  what: 'the secrets',
  version: null,
  check: checker(Type.Object({ secrets: Secrets })),
  hints: { missing: 'make secrets first: npm run secrets', damaged: AGAIN, version: AGAIN },
};

/** @param count ordinary users; an administrator is added */
async function makeAll(folder: string, count: number): Promise<void> {
  makeFolders(folder, 0o700);
  // A user who may write to the folder can replace its files, whatever their own permissions.
  const { mode } = statSync(folder);
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw usageError(`--out: ${folder} can be written by everybody`, `chmod 700 ${folder}, or name another folder`);
  }
  const keys = await makeSecrets();
  judge(keys, 'this is a bug in Tollgate: please report it');
  const users = await makeUsers(count, ARGON2_REAL);
  const records = users.map(({ record }) => record);
  const passwords = users.map(({ username, password }) => ({ username, password }));
  const owner = ownerOf();
  const settings = {
    // Hexadecimal needs no quotes in a URL, a configuration file or a shell word.
    REDIS_PASSWORD: randomBytes(32).toString('hex'),
    TOLLGATE_UID: owner.uid,
    TOLLGATE_GID: owner.gid,
  };
  const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const secret = { mode: 0o600 };
  writeWhole(join(folder, 'users.json'), `${JSON.stringify(passwords, null, 2)}\n`, secret);
  writeWhole(join(folder, 'compose.env'), environment.join(''), secret);
  const owned = process.getuid?.() === 0 ? { ...secret, owner } : secret;
  writeWhole(join(folder, 'tollgate.json'), `${JSON.stringify({ secrets: keys, users: records })}\n`, owned);
}
