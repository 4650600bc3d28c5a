/** Checks 23–26 and 56: what ends a credential, and who may end one. */
import { ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, fail, guards, limit, type Outcome, pass, verdict } from '../check.ts';
import type { ClientSession } from '../client-session.ts';
import { endOnceServed } from '../end-credential.ts';
import { declaredEndMs, judgeLingering, unlessAtOnce, useAll, type Watched, watchEnd } from '../ending.ts';
import { onceServed } from '../once-served.ts';
import { endingAllLimit, endingLimit, hasBothCredentials, homeOf } from '../promises.ts';
import { isAlive, readOnceServed, writeOnceServed } from '../served.ts';
import type { GateTarget } from '../target.ts';

const FAMILY = 'session';

const pathOfDisable = (id: string) => ROUTES.disableUser.path.replace(':id', id);

const ATTEMPTS = 3;
/** The shortest life of a short-lived credential: a second or more, minus the rounding of a token's times to seconds. */
const LEAST_LIFE_MS = 900;

/**
 * Repeats an attempt in which the machine stalled between login and ending, since the credential may then have expired by itself.
 * @param attempt calls `ended` once the credential was ended; returns null if it must be repeated because the store was late
 */
async function whileAlive(attempt: (ended: () => void) => Promise<Outcome | null>): Promise<Outcome> {
  for (let left = ATTEMPTS - 1; ; left--) {
    const startedMs = performance.now();
    let endedMs = Number.POSITIVE_INFINITY;
    const isStalled = () => left > 0 && Math.min(endedMs, performance.now()) - startedMs > LEAST_LIFE_MS;
    try {
      const outcome = await attempt(() => {
        endedMs = performance.now();
      });
      if (outcome === null && left === 0)
        return fail('the store was late each time: try again when the machine is quiet');
      if (outcome !== null && (outcome.result === 'limit' || !isStalled())) return outcome;
    } catch (error) {
      if (!isStalled()) throw error;
    }
  }
}

/** Opens two sessions of one user, one on each replica, both in use. */
async function twoSessions(
  target: GateTarget,
): Promise<{ first: ClientSession; second: ClientSession; both: Watched[] }> {
  const user = target.freshUser();
  const first = await target.login(0, user);
  const second = await target.login(1, user);
  const both = (
    [
      [first, 0],
      [second, 1],
    ] as const
  ).map(([session, which]) => ({
    session,
    replicas: homeOf(target.arm, which),
    byMs: 0,
  }));
  await useAll(target, both);
  return { first, second, both };
}

/** The bounds of two sessions after replica 0 ended both, which cannot reach the memory of another replica. */
function bounded(target: GateTarget, both: readonly Watched[], sinceMs: number): Watched[] {
  return both.map((watched) => {
    const isOutOfReach = target.arm.needsStickyRouting && !watched.replicas.includes(0);
    const byMs = isOutOfReach ? target.endsAtMs(watched.session) : declaredEndMs(target, watched.session, sinceMs);
    return { ...watched, byMs };
  });
}

const logout: Check = {
  id: 23,
  name: 'after logout the credential is refused by every replica',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: true,
  variant: unlessAtOnce(endingLimit),
  appliesTo: guards,
  limitOf: endingLimit,
  run: (target) =>
    whileAlive(async (ended) => {
      const user = target.freshUser();
      const session = await target.login(0, user);
      const other = await target.login(0, user);
      await useAll(target, [{ session, replicas: homeOf(target.arm, 0) }]);
      const { answer, hasEnded } = await endOnceServed(() => target.write(0, session, ROUTES.logout.path));
      const sinceMs = answer.answeredAtMs;
      ended();
      if (!hasEnded) return fail(`logout returned ${answer.status}`);
      // An earlier request had ended it, whose answer was 503: whether logout deletes the cookie was not seen.
      if (answer.status !== 204) return null;
      const isCleared = session.cookies.every(({ name }) =>
        answer.cookies.some((cookie) => cookie.name === name && cookie.deletes),
      );
      if (!isCleared) return fail('logout leaves the cookie in the browser');
      if (!(await isAlive(target, 0, other))) return fail('logout ended another session of the user too');
      const watched = { session, replicas: [0, 1] as const, byMs: declaredEndMs(target, session, sinceMs) };
      const seen = judgeLingering(target, 'a copy of the credential', await watchEnd(target, [watched], sinceMs));
      if (seen.result !== 'pass') return seen;
      await endOnceServed(() => target.write(0, other, ROUTES.logout.path));
      const revived = (await readOnceServed(target, 0, session)).status !== 401;
      return revived ? fail('the credential is accepted again once another of the user has ended') : seen;
    }),
};

const logoutAll: Check = {
  id: 24,
  name: 'logout everywhere ends every session of the user, and of no other',
  family: FAMILY,
  refs: ['ASVS 7.5.2'],
  quick: true,
  variant: unlessAtOnce(endingAllLimit),
  appliesTo: guards,
  limitOf: endingAllLimit,
  run: (target) =>
    whileAlive(async (ended) => {
      const stranger = await target.login(0, target.freshUser());
      const { first, both } = await twoSessions(target);
      const { answer, hasEnded } = await endOnceServed(() => target.write(0, first, ROUTES.logoutAll.path));
      const { status, answeredAtMs } = answer;
      ended();
      if (!hasEnded) return fail(`logout everywhere returned ${status}`);
      if (!(await isAlive(target, 0, stranger))) return fail('it ended another user’s session');
      const seen = await watchEnd(target, bounded(target, both, answeredAtMs), answeredAtMs);
      return judgeLingering(target, 'one of two sessions', seen);
    }),
};

const disabled: Check = {
  id: 25,
  name: 'a disabled user’s sessions end, and no new one begins',
  family: FAMILY,
  refs: ['ASVS 7.4.2'],
  quick: true,
  variant: unlessAtOnce(endingAllLimit),
  appliesTo: guards,
  limitOf: endingAllLimit,
  run: (target) =>
    whileAlive(async (ended) => {
      const { first, both } = await twoSessions(target);
      await target.disable(0, first.user);
      const sinceMs = performance.now();
      ended();
      const logins = await Promise.all(
        ([0, 1] as const).map((which) => onceServed(() => target.tryLogin(which, first.user))),
      );
      const seen = judgeLingering(
        target,
        'one of two sessions',
        await watchEnd(target, bounded(target, both, sinceMs), sinceMs),
      );
      const [here, there] = logins.map(({ status }) => status);
      if (here !== 401) return fail(`a new login of the disabled user returned ${here}`);
      if (seen.result === 'fail' || there === 401) return seen;
      if (there !== 200) return fail(`a new login of the disabled user returned ${there}`);
      // Without shared state the other replica cannot know.
      const isShared =
        target.arm.usesRedis || (target.arm.serverState !== 'none' && target.arm.serverState !== 'process');
      const detail = `${seen.detail}; the other replica let the user log in again`;
      return isShared ? fail(detail) : limit(detail);
    }),
};

const byAdminOnly: Check = {
  id: 26,
  name: 'only an administrator can end another user’s sessions',
  family: FAMILY,
  refs: ['ASVS 7.4.5', 'ASVS 8.2.1'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  limitOf: endingAllLimit,
  async run(target) {
    const victim = await target.login(1, target.freshUser());
    const attacker = await target.login(0, target.freshUser());
    const admin = await target.login(0, target.admin);
    const home = homeOf(target.arm, 1);
    const path = pathOfDisable(victim.user.record.id);
    const faults: string[] = [];
    const expect = (who: string, status: number, expected: number) => {
      if (status !== expected) faults.push(`${who} got ${status}, not ${expected}`);
    };
    expect('an ordinary user', (await writeOnceServed(target, 0, attacker, path)).status, 403);
    expect('an unauthenticated client', (await onceServed(() => target.call(0, { method: 'POST', path }))).status, 401);
    expect(
      'an administrator, for an unknown user',
      (await writeOnceServed(target, 0, admin, pathOfDisable('nobody'))).status,
      404,
    );
    for (const which of home) {
      if (!(await isAlive(target, which, victim))) faults.push('a refused attempt ended the session');
    }
    expect('an administrator', (await writeOnceServed(target, 0, admin, path)).status, 204);
    if (faults.length > 0) return fail(faults.join('; '));
    const after = await Promise.all(home.map((which) => readOnceServed(target, which, victim)));
    if (after.every(({ status }) => status === 401) && typeof target.arm.revocation !== 'object')
      return pass('by an administrator at once, by others not at all');
    return limit('others can end nothing; what the administrator ended was not refused at once');
  },
};

const bothKinds: Check = {
  id: 56,
  name: 'logout everywhere with one kind of credential ends the other kind too',
  family: FAMILY,
  refs: ['ASVS 7.5.2'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), hasBothCredentials(arm) || 'there is one kind of credential'),
  async run(target) {
    const faults: string[] = [];
    for (const asking of ['cookie', 'token'] as const) {
      const user = target.freshUser();
      const kinds = ['cookie', 'token'] as const;
      const sessions = await Promise.all(
        kinds.map(async (credential) => ({ credential, session: await target.login(1, user, { credential }) })),
      );
      const asker = await target.login(0, user, { credential: asking });
      const { answer: ending, hasEnded } = await endOnceServed(() => target.write(0, asker, ROUTES.logoutAll.path));
      if (!hasEnded) faults.push(`logout everywhere with a ${asking} returned ${ending.status}`);
      for (const { credential, session } of sessions) {
        for (const which of [0, 1] as const) {
          const answer = await readOnceServed(target, which, session);
          if (answer.status !== 401) faults.push(`after it with a ${asking}, a ${credential} got ${answer.status}`);
        }
      }
    }
    return verdict([...new Set(faults)], 'each kind ended both');
  },
};

export const SESSION_ENDING: readonly Check[] = [logout, logoutAll, disabled, byAdminOnly, bothKinds];
