/** Measures how long a credential is accepted after it was ended, by using it repeatedly. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArmInfo } from '../../servers/contract.ts';
import { fail, limit, type Outcome, pass } from './check.ts';
import type { ClientSession } from './client-session.ts';
import type { Answer } from './http.ts';
import { boundMs } from './promises.ts';
import { readOnceServed } from './served.ts';
import type { VariantName } from './stage/variants.ts';
import { type GateTarget, isFor } from './target.ts';
import type { Which } from './which.ts';

export interface Watched {
  readonly session: ClientSession;
  readonly replicas: readonly Which[];
  /** The latest time at which an accepted request may be sent, on the clock of performance.now(). */
  readonly byMs: number;
}

/** Times are those at which requests were sent, after the credential was ended: a slow machine can only make them smaller. */
export interface Lingering {
  /** The last accepted request, in ms after the end; null if none was accepted. */
  readonly lastAcceptedMs: number | null;
  /** Whether a request was accepted that was sent after the bound. */
  readonly outlived: boolean;
  /** The longest delay of a response, in ms after its request was due; includes stalls between two requests. */
  readonly latestMs: number;
}

/** A credential that survives must expire soon to be watched; one that ends at once can be checked on any fleet. */
export const unlessAtOnce =
  (limitOf: (arm: ArmInfo) => string | null) =>
  (arm: ArmInfo): VariantName =>
    limitOf(arm) === null ? 'standard' : 'brief';

const EVERY_MS = 50;

/** @throws Error if an answer is neither an acceptance nor a refusal */
export async function watchEnd(target: GateTarget, watched: readonly Watched[], sinceMs: number): Promise<Lingering> {
  const each = await Promise.all(
    watched.flatMap(({ session, replicas, byMs }) => replicas.map((which) => watchOne(target, session, which, byMs))),
  );
  const accepted = each.flatMap(({ lastAcceptedAtMs }) => lastAcceptedAtMs ?? []);
  return {
    lastAcceptedMs: accepted.length === 0 ? null : Math.max(...accepted) - sinceMs,
    outlived: each.some(({ outlived }) => outlived),
    latestMs: Math.max(...each.map(({ latestMs }) => latestMs)),
  };
}

async function watchOne(target: GateTarget, session: ClientSession, which: Which, byMs: number) {
  let lastAcceptedAtMs: number | null = null;
  let latestMs = 0;
  for (let dueMs = performance.now(); ; ) {
    const answer = await readOnceServed(target, which, session);
    latestMs = Math.max(latestMs, answer.answeredAtMs - dueMs);
    if (answer.status === 401) return { lastAcceptedAtMs, outlived: false, latestMs };
    if (!isFor(answer, session.user)) throw new Error(`an ended credential got ${answer.status}`);
    lastAcceptedAtMs = answer.sentAtMs;
    if (answer.sentAtMs > byMs) return { lastAcceptedAtMs, outlived: true, latestMs };
    // If the bound is near, wait until just after it: that request decides.
    const waitMs = Math.max(1, Math.min(EVERY_MS, byMs - performance.now() + 1));
    dueMs = performance.now() + waitMs;
    await sleep(waitMs);
  }
}

/** The declared bound for a credential that was ended at `sinceMs`, which is never after its own expiry. */
export function declaredEndMs(target: GateTarget, session: ClientSession, sinceMs: number): number {
  if (target.arm.revocation === 'at-once') return sinceMs;
  const bound = boundMs(target.arm, target.settings) ?? Number.POSITIVE_INFINITY;
  return Math.min(sinceMs + bound, target.endsAtMs(session));
}

/**
 * @param what the ended credential, as the start of a sentence @returns `limit` if the arm declares a bound and keeps
 * it, so that the caller needs no declaration of its own
 */
export function judgeLingering(target: GateTarget, what: string, { lastAcceptedMs, outlived }: Lingering): Outcome {
  const last = lastAcceptedMs === null ? '' : `${Math.round(lastAcceptedMs)} ms after it was ended`;
  if (outlived) return fail(`${what} was still accepted ${last}`);
  if (lastAcceptedMs !== null) return limit(`${what} was accepted until ${last}, and refused then`);
  // An arm may end a credential before a declared bound; if it declares life until expiry, it may not.
  if (typeof target.arm.revocation === 'object') return limit(`${what} was refused at once this time`);
  return pass(`${what} was refused at once`);
}

export const tookMs = ({ sentAtMs, answeredAtMs }: Pick<Answer, 'sentAtMs' | 'answeredAtMs'>) =>
  answeredAtMs - sentAtMs;

/** Uses each credential once, which fills every cache on the way. @throws Error if one is not accepted */
export async function useAll(
  target: GateTarget,
  watched: readonly Pick<Watched, 'session' | 'replicas'>[],
): Promise<void> {
  for (const { session, replicas } of watched) {
    for (const which of replicas) {
      const answer = await readOnceServed(target, which, session);
      if (!isFor(answer, session.user)) throw new Error(`a fresh credential got ${answer.status}`);
    }
  }
}

/** The earliest time at which a credential expires: it was issued while the login was in progress. */
export function earliestEndMs(target: Pick<GateTarget, 'endsAtMs'>, session: ClientSession): number {
  const { sentAtMs, answeredAtMs } = session.reply;
  return target.endsAtMs(session) - (answeredAtMs - sentAtMs);
}
