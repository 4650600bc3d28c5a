/**
 * One lifetime of a user's credentials: logged in, used on every replica, revoked at a random moment, watched until
 * refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { thenEnding } from '../../../core/errors.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { RevocationKind } from '../../fleet/foreign.ts';
import type { Replica } from '../../fleet/replica.ts';
import type { Client, CredentialKind, Operation, Session } from './clients.ts';
import { type Lived, leftMs } from './lives.ts';
import { RevocationMark, type Watched, watchUse } from './watch.ts';

export interface CycleOptions {
  readonly replicas: readonly Replica[];
  readonly client: Client;
  readonly kind: RevocationKind;
  /**
   * The operation to use. Only one: a refused critical operation may make its replica drop its cache entry, and so
   * shorten the lag of reads.
   */
  readonly operation: Operation;
  /** Kinds to log in with, in order; the last one sends the revocation. Null: the arm has only one kind. */
  readonly credentials: readonly (CredentialKind | null)[];
  /** The longest lifetime of a credential that ends only by expiry; null for others. */
  readonly lifeMs: number | null;
  /** Longest watch after the revocation. */
  readonly limitMs: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface CredentialOutcome {
  readonly credential: CredentialKind | null;
  /** Time from the reply to its login to the acknowledged revocation. */
  readonly revokedAfterMs: number;
  /** Time from the revocation to the expiry of the credential; null if it does not end by expiry. */
  readonly lifeLeftMs: number | null;
  /** The number of the replica that was asked to revoke. */
  readonly revokedAt: number;
  /** One of each replica. */
  readonly watched: readonly Watched[];
}

/** Random, so that a revocation meets every phase of a cache; short, so that many fit into a run. */
const USE_MS = { least: 40, most: 240 } as const;
/** The last probe before its end may be this far away. */
const END_SLACK_MS = 20;

interface HeldCredential {
  readonly kind: CredentialKind | null;
  readonly session: Session;
  readonly loggedInMs: number;
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)] as T; // never empty
}

/**
 * @returns one outcome per credential; null if they had expired before the revocation @throws TollgateError if a
 * revocation is not answered as the contract says; ConnectionError if a replica is gone
 */
export async function runCycle(options: CycleOptions): Promise<readonly CredentialOutcome[] | null> {
  const { replicas, client, kind, random } = options;
  const held: HeldCredential[] = [];
  for (const credential of options.credentials) {
    const session = await client.logIn(pick(replicas, random), credential);
    held.push({ kind: credential, session, loggedInMs: performance.now() });
  }
  const mark = new RevocationMark();
  const watch = new AbortController();
  const signal = AbortSignal.any([options.signal, watch.signal]);
  const watching = Promise.all(held.map((each) => watchEverywhere(options, each, mark, signal)));
  // Its rejection is handled below; until then it must not count as unhandled.
  watching.catch(() => {});
  let isDisabled = false;
  return thenEnding(
    async () => {
      // A service may allow only the last login of a user.
      const last = held.at(-1);
      if (last === undefined) return null;
      await Promise.race([sleep(momentMs(last, options)), watching]);
      if (options.signal.aborted) return null;
      const at = random.integer(replicas.length);
      isDisabled = kind === 'disable';
      if (!(await last.session.revoke(replicas[at] as Replica, kind))) return null;
      mark.set(performance.now());
      const lifeLeftMs = held.map((each) => leftMs(each, options.lifeMs));
      const watched = await watching;
      const revokedMs = mark.atMs ?? 0;
      return held.map(({ kind: credential, loggedInMs }, i) => ({
        credential,
        revokedAfterMs: revokedMs - loggedInMs,
        lifeLeftMs: lifeLeftMs[i] ?? null,
        revokedAt: at,
        watched: watched[i] ?? [],
      }));
    },
    () => watch.abort(),
    async () => {
      await watching.catch(() => {});
      if (isDisabled) await client.restore?.(pick(replicas, random));
    },
  );
}

/**
 * The time until the revocation: a random moment within the lifetime of a credential that only expires, otherwise
 * soon. Its end is a time of the wall clock, which may be set back: its lifetime limits the wait all the same.
 */
export function momentMs(held: Lived, { lifeMs, random }: Pick<CycleOptions, 'lifeMs' | 'random'>): number {
  const left = leftMs(held, lifeMs);
  if (left === null) return USE_MS.least + random.random() * (USE_MS.most - USE_MS.least);
  return random.random() * Math.max(0, left - END_SLACK_MS);
}

function watchEverywhere(
  { replicas, operation, limitMs }: CycleOptions,
  { session }: HeldCredential,
  mark: RevocationMark,
  signal: AbortSignal,
): Promise<Watched[]> {
  return Promise.all(
    replicas.map(({ address }) =>
      watchUse({
        address,
        wire: () => session.wireOf(operation, address),
        judge: (response) => session.judge(response, operation),
        mark,
        limitMs,
        signal,
      }),
    ),
  );
}
