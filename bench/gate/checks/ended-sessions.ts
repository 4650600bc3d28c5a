/**
 * Checks 31 and 67: an ended session must not be revived, for example by a cache, or by a request in progress at its
 * end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../servers/contract.ts';
import type { User } from '../../fleet/secrets.ts';
import { allOf, type Check, fail, guards, verdict } from '../check.ts';
import { type ClientSession, headersOf } from '../client-session.ts';
import { logOut } from '../end-credential.ts';
import { declaredEndMs, judgeLingering, tookMs, unlessAtOnce, useAll, watchEnd } from '../ending.ts';
import { onceServed } from '../once-served.ts';
import { boundMs, endingLimit, needsReference } from '../promises.ts';
import { readOnceServed } from '../served.ts';
import { type GateTarget, isFor, TRANSFER } from '../target.ts';
import type { Which } from '../which.ts';

const FAMILY = 'session';

/**
 * A cache may be trusted only while something proves that it is current, such as a heartbeat. If a stall interrupts
 * that, a request asks the store, and a missed logout does not show. So a session is used for a while before its end.
 * If a response came later than this share of the bound after its request was due, or everything took so long that
 * the copy may have expired, and nothing was found, the attempt is repeated.
 */
const CALM = 0.25;
/** The share of the idle timeout that must suffice. */
const IDLE = 0.75;
const MOST_USED_MS = 500;
const USED_EVERY_MS = 20;
/** For both replicas, one after the other. */
const TRIED_WITHIN_MS = 8_000;
const MOST_TRIES = 5;

interface Ended {
  readonly lastAcceptedMs: number | null;
  readonly outlived: boolean;
  readonly isCalm: boolean;
}

/** Uses a session at a replica until a cache there is in use. @returns the longest delay of a response, in ms */
async function usedFor(target: GateTarget, session: ClientSession, which: Which, ms: number): Promise<number> {
  const untilMs = performance.now() + Math.min(ms, MOST_USED_MS);
  let latestMs = 0;
  for (let dueMs = performance.now(); ; ) {
    const answer = await readOnceServed(target, which, session);
    if (!isFor(answer, session.user)) throw new Error(`a fresh credential was answered with ${answer.status}`);
    latestMs = Math.max(latestMs, answer.answeredAtMs - dueMs);
    if (performance.now() >= untilMs) return latestMs;
    dueMs = performance.now() + USED_EVERY_MS;
    await sleep(USED_EVERY_MS);
  }
}

/** Ends a session at one replica that the other may have cached. */
async function endOnce(
  target: GateTarget,
  user: User,
  [endedOn, cachedOn]: readonly [Which, Which],
  bound: number,
): Promise<Ended> {
  const session = await target.login(endedOn, user);
  await useAll(target, [{ session, replicas: [endedOn] }]);
  const usedFromMs = performance.now();
  const usedLateMs = await usedFor(target, session, cachedOn, bound);
  const logout = await logOut(target, endedOn, session);
  const watched = { session, replicas: [0, 1] as const, byMs: logout.answeredAtMs + bound };
  const { latestMs, ...lingering } = await watchEnd(target, [watched], logout.answeredAtMs);
  const isCalm = Math.max(usedLateMs, tookMs(logout), latestMs) <= CALM * bound;
  // A cached copy also expires by inactivity, counted from when it was made.
  const outlasts = watched.byMs - usedFromMs < IDLE * (target.settings.idleTimeoutMs ?? Number.POSITIVE_INFINITY);
  return { ...lingering, isCalm: isCalm && outlasts };
}

/** Repeats that until it has a finding, or the machine was undisturbed. */
async function endUntilKnown(target: GateTarget, where: readonly [Which, Which], bound: number): Promise<Ended> {
  const user = target.freshUser();
  const fromMs = performance.now();
  for (let tries = 1; ; tries++) {
    const ended = await endOnce(target, user, where, bound);
    const isLast = tries === MOST_TRIES || performance.now() - fromMs > TRIED_WITHIN_MS / 2;
    if (ended.outlived || ended.isCalm || isLast) return ended;
  }
}

const staleness: Check = {
  id: 31,
  name: 'a cache is never staler than declared',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: false,
  variant: 'brief',
  appliesTo: (arm) => {
    if (arm.baseline) return guards(arm);
    const mayCache = arm.family === 'session' || arm.companions !== undefined;
    return (typeof arm.revocation === 'object' && mayCache) || 'nothing is cached';
  },
  async run(target) {
    const bound = boundMs(target.arm, target.settings) ?? 0;
    const each = [await endUntilKnown(target, [0, 1], bound), await endUntilKnown(target, [1, 0], bound)];
    const longest = Math.round(Math.max(...each.map(({ lastAcceptedMs }) => lastAcceptedMs ?? 0)));
    const faults = each
      .filter(({ outlived }) => outlived)
      .map(({ lastAcceptedMs }) => `an ended credential was accepted after ${Math.round(lastAcceptedMs ?? 0)} ms`);
    const doubt = each.every(({ isCalm }) => isCalm) ? '' : '; answers were slow, so a cache may not have been asked';
    return verdict(faults, `accepted for ${longest} ms at most, with a bound of ${bound} ms${doubt}`);
  },
};

/** How long a replica gets to read a head and find its session; the second if the first was too short. */
const HEAD_MS = [100, 500] as const;

/** Logs out while a transfer is in progress. @returns its status, and when the session ended; 0 if it was answered before */
async function logoutMeanwhile(target: GateTarget, user: User, headMs: number) {
  const session = await target.login(0, user);
  let sinceMs = 0;
  const { status } = await target.call(0, {
    ...ROUTES.transfer,
    headers: headersOf(session, 'write'),
    json: TRANSFER,
    async beforeBody() {
      await sleep(headMs);
      sinceMs = (await logOut(target, 0, session)).answeredAtMs;
    },
  });
  return { status, session, sinceMs };
}

const lateWrite: Check = {
  id: 67,
  name: 'a request that was in progress at logout does not bring the session back',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: true,
  variant: unlessAtOnce(endingLimit),
  appliesTo: (arm) => allOf(guards(arm), needsReference(arm)),
  limitOf: endingLimit,
  async run(target) {
    for (const headMs of HEAD_MS) {
      const user = target.freshUser();
      const { status, session, sinceMs } = await onceServed(() => logoutMeanwhile(target, user, headMs));
      if (sinceMs === 0) return fail(`a request without its body returned ${status}`);
      const watched = { session, replicas: [0, 1] as const, byMs: declaredEndMs(target, session, sinceMs) };
      const ended = judgeLingering(target, 'the session', await watchEnd(target, [watched], sinceMs));
      // A request that came too late proves nothing, unless the session outlived it.
      if (status === 200 || ended.result === 'fail') return ended;
      if (status !== 401) return fail(`a request in progress at logout returned ${status}`);
    }
    return fail('no request was in progress at logout: each was refused, as if it came after it');
  },
};

export const ENDED_SESSIONS: readonly Check[] = [staleness, lateWrite];
