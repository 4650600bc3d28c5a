/**
 * The proof that the user owns a host: it has to answer a random path with a token that was printed before. Both are
 * kept in a file, so that the owner can serve them and run the command again.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, type Endpoint } from '../../bench/gate/http.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { usageError } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';

const Challenge = Type.Object({
  path: Type.String({ pattern: '^/\\.well-known/tollgate-[a-f0-9]{32}$' }),
  token: Type.String({ pattern: '^[a-f0-9]{64}$' }),
});
const checkKept = checker(Type.Record(Type.String(), Challenge));

export interface Challenge {
  readonly path: string;
  readonly token: string;
}

const FILE = 'ownership.json';
const TIMEOUT_MS = 5_000;

function kept(folder: string): Record<string, Challenge> {
  try {
    const checked = checkKept(JSON.parse(readFileSync(join(folder, FILE), 'utf8')));
    return checked.ok ? { ...checked.value } : {};
  } catch {
    return {};
  }
}

/** @returns the challenge of the host: the one printed earlier, or a new one */
export function challengeFor(host: string, folder: string): Challenge {
  const all = kept(folder);
  const found = Object.entries(all).find(([name]) => name === host)?.[1];
  if (found !== undefined) return found;
  const made: Challenge = {
    path: `/.well-known/tollgate-${randomBytes(16).toString('hex')}`,
    token: randomBytes(32).toString('hex'),
  };
  makeFolders(folder);
  writeAtomically(join(folder, FILE), `${JSON.stringify({ ...all, [host]: made }, null, 2)}\n`, {});
  return made;
}

/**
 * Sends exactly one request.
 *
 * @throws {TollgateError} (usage) that says what to serve where, unless the host answers with the token
 */
export async function proveOwnership(host: string, endpoint: Endpoint, folder: string): Promise<void> {
  const { path, token } = challengeFor(host, folder);
  const answer = await call(endpoint, { method: 'GET', path }, TIMEOUT_MS).catch(() => null);
  const given = Buffer.from(answer?.status === 200 ? answer.text.trim() : '');
  const wanted = Buffer.from(token);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw usageError(
    `${host} has no proof of ownership: it must serve ${path} with ${token}`,
    'serve that as plain text with status 200, and run the command again',
  );
}
