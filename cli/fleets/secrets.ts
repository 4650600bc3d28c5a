/** Keys, users and passwords in files, for replicas in containers. None of them are printed. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ARGON2_CHEAP, ARGON2_REAL, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { secretFaults } from '../../bench/gate/attacks/secret-strength.ts';
import { type Ownership, writeAtomically } from '../../core/atomic-file.ts';
import { runError, usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import type { Secrets } from '../../servers/configuration.ts';

/** The id of the user `node` in the official images. */
const ORDINARY = 1000;

export interface SecretsMade {
  /** Users who may log in; the last is an administrator. */
  readonly users: readonly { readonly username: string; readonly password: string }[];
  /** The owner of the files that containers read; null for the caller. */
  readonly owner: Ownership | null;
}

/** The user that replicas run as, and who must own what they read: the caller, or the image's ordinary user for root. */
function ownerOf(): Ownership {
  const uid = process.getuid?.() ?? ORDINARY;
  return uid === 0 ? { uid: ORDINARY, gid: ORDINARY } : { uid, gid: process.getgid?.() ?? ORDINARY };
}

/** @throws TollgateError naming each unsuitable key, without its content */
export function judgeSecrets(keys: Secrets, hint: string): void {
  const faults = secretFaults(keys);
  if (faults.length > 0) throw runError(faults.join('; '), hint);
}

/**
 * Writes tollgate.json, users.json and compose.env. @param count ordinary users; an administrator is added @param
 * hashing `cheap` if many users log in before a load @throws TollgateError if everybody may write to the folder
 */
export async function makeContainerSecrets(
  folder: string,
  count: number,
  hashing: 'real' | 'cheap',
): Promise<SecretsMade> {
  makeFolders(folder, 0o700);
  // A user who may write to the folder can replace its files, whatever their own permissions.
  const { mode } = statSync(folder);
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw usageError(`--out: ${folder} can be written by everybody`, `chmod 700 ${folder}, or name another folder`);
  }
  const keys = await makeSecrets();
  judgeSecrets(keys, 'this is a bug in Tollgate: please report it');
  const users = await makeUsers(count, hashing === 'real' ? ARGON2_REAL : ARGON2_CHEAP);
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
  writeAtomically(join(folder, 'users.json'), `${JSON.stringify(passwords, null, 2)}\n`, secret);
  writeAtomically(join(folder, 'compose.env'), environment.join(''), secret);
  const owned = process.getuid?.() === 0 ? { ...secret, owner } : secret;
  writeAtomically(join(folder, 'tollgate.json'), `${JSON.stringify({ secrets: keys, users: records })}\n`, owned);
  return { users: passwords, owner: process.getuid?.() === 0 ? owner : null };
}
