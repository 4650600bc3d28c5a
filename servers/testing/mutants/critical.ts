/** Mutants of critical operations: schemes that trust facts from the time of issue. */
import { Unauthenticated } from '../../errors.ts';
import { redisOf, type SchemeContext } from '../../scheme.ts';
import { refuseDisabled } from '../../schemes/recheck.ts';
import { indexKey, sessionKey } from '../../stores/session-index.ts';
import type { Mutant } from '../mutant.ts';

export const CRITICAL_MUTANTS: readonly Mutant[] = [
  {
    name: 'no-recheck',
    arm: 'hybrid',
    check: 29,
    hole: 'Critical operations trust the token, as light reads do.',
    scheme: (real) => ({ ...real, recheck: null }),
    alsoFails: {
      50: 'critical operations are not checked, so they are not refused during an outage',
      55: 'a critical operation does not ask whether the session was ended',
      65: 'a critical operation asks Redis nothing, so a stall does not matter',
    },
  },
  {
    name: 'recheck-asks-for-the-user-only',
    arm: 'hybrid',
    check: 55,
    hole: 'A critical operation checks whether the user is disabled, and not the session: after logout it is accepted.',
    scheme: (real, { accounts }) => ({ ...real, recheck: refuseDisabled(accounts) }),
    alsoFails: {
      65: 'a transfer after logout is accepted, stall or not',
    },
  },
  {
    name: 'session-outlives-logout-all',
    arm: 'hybrid',
    check: 55,
    hole: 'Logout everywhere reports success and leaves the sessions behind the tokens.',
    scheme: (real) => ({ ...real, endAll: async () => {} }),
  },
  {
    name: 'cache-asked-for-critical',
    arm: 'session-cached',
    check: 55,
    hole: 'A critical operation is answered from the cache, so a revoked session is accepted until it goes stale.',
    scheme: (real, { accounts }) => ({ ...real, recheck: refuseDisabled(accounts) }),
  },
  {
    name: 'recheck-asks-for-any-session',
    arm: 'hybrid',
    check: 55,
    hole: 'The recheck asks whether the user has a session, and not whether that of the token is alive.',
    scheme: (real, context) => ({
      ...real,
      recheck(request, _reply, done) {
        const { sub } = request.user;
        hasSession(context, sub).then((has) => done(has ? undefined : new Unauthenticated()), done);
      },
    }),
  },
];

/** Whether a user who is not disabled has any session. */
async function hasSession(context: SchemeContext, userId: string): Promise<boolean> {
  const redis = redisOf(context);
  if (await context.accounts.isDisabled(userId)) return false;
  const ids = await redis.client.zrange(indexKey(redis, userId), 0, '-1');
  const found = await Promise.all(ids.map((id) => redis.client.exists(sessionKey(redis, id))));
  return found.includes(1);
}
