/** How long a credential lives on after it was ended, seen by asking with it again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, limit, type Outcome, pass } from './check.ts';
import type { ClientSession } from './client-session.ts';
import { type GateTarget, isFor } from './target.ts';
import type { Which } from './which.ts';

export interface Watched {
  readonly held: ClientSession;
  readonly replicas: readonly Which[];
  /** When a request may be sent that is still accepted, at the latest; on the clock of performance.now(). */
  readonly byMs: number;
}

/** Times are when a request was sent, after the credential was ended: a slow machine can only make them smaller. */
export interface Lingering {
  /** The last request that was accepted, in ms after the end; null where none was. */
  readonly lastAcceptedMs: number | null;
  /** Whether one was accepted that was sent later than it may be. */
  readonly outlived: boolean;
}

const EVERY_MS = 50;

/** @throws Error where an answer is neither acceptance nor refusal */
export async function watchEnd(target: GateTarget, watched: readonly Watched[], sinceMs: number): Promise<Lingering> {
  const each = await Promise.all(
    watched.flatMap(({ held, replicas, byMs }) => replicas.map((which) => watchOne(target, held, which, byMs))),
  );
  const accepted = each.flatMap(({ lastAcceptedAtMs }) => lastAcceptedAtMs ?? []);
  return {
    lastAcceptedMs: accepted.length === 0 ? null : Math.max(...accepted) - sinceMs,
    outlived: each.some(({ outlived }) => outlived),
  };
}

async function watchOne(target: GateTarget, held: ClientSession, which: Which, byMs: number) {
  let lastAcceptedAtMs: number | null = null;
  for (;;) {
    const answer = await target.read(which, held);
    if (answer.status === 401) return { lastAcceptedAtMs, outlived: false };
    if (!isFor(answer, held.user)) throw new Error(`an ended credential was answered with ${answer.status}`);
    lastAcceptedAtMs = answer.sentAtMs;
    if (answer.sentAtMs > byMs) return { lastAcceptedAtMs, outlived: true };
    // To just after the bound, where it is near: that request decides.
    await sleep(Math.max(1, Math.min(EVERY_MS, byMs - performance.now() + 1)));
  }
}

/** The bound that the arm declares for a credential that was ended at `sinceMs`: never later than its own end. */
export function declaredEndMs(target: GateTarget, held: ClientSession, sinceMs: number): number {
  const { revocation } = target.arm;
  if (revocation === 'at-once') return sinceMs;
  if (revocation === 'at-expiry') return target.endsAtMs(held);
  return Math.min(sinceMs + revocation.withinMs, target.endsAtMs(held));
}

/**
 * @param what what was ended, to begin the sentence with
 * @returns `limit` where the arm declares a bound and it holds, so that the caller needs no declaration of its own
 */
export function judgeLingering(target: GateTarget, what: string, { lastAcceptedMs, outlived }: Lingering): Outcome {
  const last = lastAcceptedMs === null ? '' : `${Math.round(lastAcceptedMs)} ms after it was ended`;
  if (outlived) return fail(`${what} was still accepted ${last}`);
  if (lastAcceptedMs !== null) return limit(`${what} was accepted until ${last}, and refused then`);
  // A declared bound allows less than it says; a declared life until expiry does not.
  if (typeof target.arm.revocation === 'object') return limit(`${what} was refused at once this time`);
  return pass(`${what} was refused at once`);
}

/** Asks once with each, and so fills every cache on the way. @throws Error where one is not accepted */
export async function useAll(
  target: GateTarget,
  watched: readonly Pick<Watched, 'held' | 'replicas'>[],
): Promise<void> {
  for (const { held, replicas } of watched) {
    for (const which of replicas) {
      const answer = await target.read(which, held);
      if (!isFor(answer, held.user)) throw new Error(`a fresh credential was answered with ${answer.status}`);
    }
  }
}
