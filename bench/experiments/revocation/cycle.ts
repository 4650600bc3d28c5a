/** One life of a user's credentials: logged in, used on every replica, revoked at a random moment, watched until refused. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runError } from '../../../core/errors.ts';
import type { Random } from '../../../core/stats/random.ts';
import { type LoginBody, ROUTES } from '../../../servers/contract.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Replica } from '../../fleet/replica.ts';
import type { User } from '../../fleet/secrets.ts';
import { type Credential, login } from '../../load/clients/credential.ts';
import { Connection } from '../../load/connection/connection.ts';
import { type RequestSpec, requestBytes } from '../../load/connection/request.ts';
import { tokenEndMs } from './settings.ts';
import { RevocationMark, type Watched, watchUse } from './watch.ts';

export const KINDS = ['logout', 'logout-all', 'disable'] as const;
export type Kind = (typeof KINDS)[number];

/** The light read, and the state change that schemes check more closely. */

export type Operation = 'read' | 'critical';

export type CredentialKind = NonNullable<LoginBody['credential']>;

export interface CycleOptions {
  readonly fleet: Fleet;
  readonly user: User;
  readonly kind: Kind;
  /**
   * What is asked with it. One alone: a critical operation that is refused may make its replica forget what it had
   * cached, and so end the very lag that reads have.
   */
  readonly operation: Operation;
  /** To log in with, one after the other; the first is the one that a logout is sent with. Null: the arm has one kind. */
  readonly credentials: readonly (CredentialKind | null)[];
  /** How long a credential lives at most where only that ends it; null where something else does. */
  readonly lifeMs: number | null;
  /** Longest watch after the revocation. */
  readonly limitMs: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface CredentialOutcome {
  readonly credential: CredentialKind | null;
  /** From the reply to its login to the acknowledged revocation. */
  readonly revokedAfterMs: number;
  /** One of each replica. */
  readonly watched: readonly Watched[];
}

/** Random, so that a revocation meets every phase of a cache; short, so that many fit into a run. */
const USE_MS = { least: 40, most: 240 } as const;
/** The last probe before its end may be this far away. */
const END_SLACK_MS = 20;
const TRANSFER = { to: 'somebody', amount: 1 };

interface HeldCredential {
  readonly kind: CredentialKind | null;
  readonly credential: Credential;
  readonly loggedInMs: number;
  readonly issuer: Replica;
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)] as T; // never empty
}

/**
 * @returns one outcome for each credential; null where they had ended by themselves before the revocation came
 * @throws TollgateError where a revocation is not answered as the contract says; ConnectionError where a replica is gone
 */
export async function runCycle(options: CycleOptions): Promise<readonly CredentialOutcome[] | null> {
  const { fleet, user, random } = options;
  const held: HeldCredential[] = [];
  for (const kind of options.credentials) {
    const issuer = pick(fleet.replicas, random);
    const credential = await login(issuer.address, user, { baseline: false, ...(kind && { credential: kind }) });
    held.push({ kind, credential, loggedInMs: performance.now(), issuer });
  }
  const mark = new RevocationMark();
  const watch = new AbortController();
  const signal = AbortSignal.any([options.signal, watch.signal]);
  const watching = Promise.all(held.map((each) => watchEverywhere(options, each, mark, signal)));
  // Its failure is met below; until then it must not count as unhandled.
  watching.catch(() => {});
  try {
    const first = held[0];
    if (first === undefined) return null;
    await Promise.race([sleep(momentMs(first, options)), watching]);
    if (options.signal.aborted) return null;
    if (!(await revoke(options, first))) return null;
    mark.set(performance.now());
    const watched = await watching;
    const revokedMs = mark.atMs ?? 0;
    return held.map(({ kind, loggedInMs }, i) => ({
      credential: kind,
      revokedAfterMs: revokedMs - loggedInMs,
      watched: watched[i] ?? [],
    }));
  } finally {
    watch.abort();
    await watching.catch(() => {});
  }
}

/** After how long to revoke: at any moment of the life of what only its end ends, else soon. */
function momentMs({ credential, loggedInMs }: HeldCredential, { lifeMs, random }: CycleOptions): number {
  if (lifeMs === null) return USE_MS.least + random.random() * (USE_MS.most - USE_MS.least);
  const endEpochMs = tokenEndMs(credential.headers);
  const leftMs = endEpochMs === null ? lifeMs - (performance.now() - loggedInMs) : endEpochMs - Date.now();
  return random.random() * Math.max(0, leftMs - END_SLACK_MS);
}

function watchEverywhere(
  { fleet, operation, limitMs }: CycleOptions,
  { credential: { headers, stateChangeHeaders } }: HeldCredential,
  mark: RevocationMark,
  signal: AbortSignal,
): Promise<Watched[]> {
  const request: RequestSpec =
    operation === 'read'
      ? { ...ROUTES.me, headers }
      : { ...ROUTES.transfer, headers: { ...headers, ...stateChangeHeaders }, body: TRANSFER };
  return Promise.all(fleet.replicas.map(({ address }) => watchUse({ address, request, mark, limitMs, signal })));
}

/** @returns false where the credential had ended by itself. */
async function revoke({ fleet, user, kind, random }: CycleOptions, first: HeldCredential): Promise<boolean> {
  const replica = pick(fleet.replicas, random);
  if (kind === 'disable') {
    const admin = fleet.users.at(-1);
    if (admin === undefined) throw new TypeError('the fleet has no administrator');
    const credential = await login(replica.address, admin, { baseline: false });
    const path = ROUTES.disableUser.path.replace(':id', user.record.id);
    return acknowledged(replica, { ...ROUTES.disableUser, path }, credential, 'disable');
  }
  const route = kind === 'logout' ? ROUTES.logout : ROUTES.logoutAll;
  return acknowledged(replica, route, first.credential, kind);
}

async function acknowledged(
  { arm, address }: Replica,
  route: { readonly method: string; readonly path: string },
  { headers, stateChangeHeaders }: Credential,
  kind: Kind,
): Promise<boolean> {
  const connection = await Connection.open(address);
  try {
    const wire = requestBytes(address, { ...route, headers: { ...headers, ...stateChangeHeaders } });
    const { status } = await connection.request(wire);
    if (status === 401 && kind !== 'disable') return false;
    if (status !== 204) {
      throw runError(`${kind} at a replica of ${arm} was answered with ${status}`, 'see npm run gate for this arm');
    }
    return true;
  } finally {
    connection.close();
  }
}
