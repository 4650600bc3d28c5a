import { expect, it } from 'vitest';
import { armInfo } from '../../testing/arm-info.ts';
import type { ClientSession } from '../client-session.ts';
import type { Answer } from '../http.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';
import { ENDED_SESSIONS } from './ended-sessions.ts';

const BOUND_MS = 40;
/** Long enough that an answer on a busy machine takes a small share of it. */
const CALM_BOUND_MS = 400;
const arm = armInfo('cached', {
  family: 'session',
  revocation: { withinMs: BOUND_MS },
  boundSetting: 'trackingBoundMs',
});
const user = { username: 'ada', password: '', record: { id: 'u-1', username: 'ada', passwordHash: '', roles: [] } };

/** Blocks the event loop after the current response, so that no request is slow. */
function stallBetweenRequests(): void {
  setImmediate(() => {
    const untilMs = performance.now() + BOUND_MS;
    while (performance.now() < untilMs);
  });
}

/**
 * A service of two replicas with a cache at the other replica that misses logouts. @param lapses the number of
 * sessions it looks up in the store, because a stall invalidated the cache at that moment
 */
function deafCache(lapses: number, { isCached = true, isBetween = false, boundMs = BOUND_MS } = {}) {
  const ended = new Map<ClientSession, Which>();
  let logins = 0;
  const numbers = new Map<ClientSession, number>();
  const answered = (session: ClientSession, status: number): Answer => {
    const sentAtMs = performance.now();
    const isStalled = (numbers.get(session) ?? 0) <= lapses;
    if (isStalled && isBetween) stallBetweenRequests();
    const tookMs = isStalled && !isBetween ? BOUND_MS : 0;
    return { status, json: { username: 'ada' }, sentAtMs, answeredAtMs: sentAtMs + tookMs } as Answer;
  };
  const target = {
    arm,
    settings: { trackingBoundMs: boundMs },
    freshUser: () => user,
    async login() {
      const session = { user } as unknown as ClientSession;
      numbers.set(session, ++logins);
      return session;
    },
    async read(which: Which, session: ClientSession) {
      const by = ended.get(session);
      const isBelieved = isCached && by !== which && (numbers.get(session) ?? 0) > lapses;
      return answered(session, by === undefined || isBelieved ? 200 : 401);
    },
    async write(which: Which, session: ClientSession) {
      ended.set(session, which);
      return answered(session, 204);
    },
  } as unknown as GateTarget;
  return { target, logins: () => logins };
}

const staleness = ENDED_SESSIONS.find(({ id }) => id === 31);

it('finds a cache that misses logouts, although a stall hid that at first', async () => {
  for (const lapses of [0, 1, 4]) {
    const { target } = deafCache(lapses);
    expect((await staleness?.run(target))?.result, `${lapses}`).toBe('fail');
  }
});

it('finds it even if the stall fell between two requests, so that no response was slow', async () => {
  const { target } = deafCache(2, { isBetween: true });
  expect((await staleness?.run(target))?.result).toBe('fail');
});

it('passes a cache that gets every logout, in one attempt per replica, and says if it could not be sure', async () => {
  const calm = deafCache(0, { isCached: false, boundMs: CALM_BOUND_MS });
  expect(await staleness?.run(calm.target)).toEqual({
    ...{ result: 'pass', detail: 'accepted for 0 ms at most, with a bound of 400 ms' },
  });
  expect(calm.logins()).toBe(2);
  const slow = deafCache(Number.POSITIVE_INFINITY, { isCached: false });
  expect((await staleness?.run(slow.target))?.detail).toContain('answers were slow');
  expect(slow.logins()).toBe(10);
});
