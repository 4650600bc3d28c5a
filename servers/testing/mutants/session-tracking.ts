/** Mutants of cached sessions that Redis invalidates, with one vulnerability each. */
import { trackedSessions } from '../../schemes/sessions/tracked.ts';
import { trackKeys } from '../../stores/node-redis/tracked-keys.ts';
import type { Mutant } from '../mutant.ts';

export const TRACKING_MUTANTS: readonly Mutant[] = [
  {
    name: 'reports-of-changes-ignored',
    arm: 'session-tracked',
    check: 31,
    hole: 'Redis reports that a session has changed, and the cache keeps it.',
    scheme: (_real, context) =>
      trackedSessions('default', (redis, options) =>
        trackKeys(redis, { ...options, forget: (key) => void (key === null && options.forget(null)) }),
      )(context),
    alsoFails: {
      20: 'the end of the previous session at a new login is not noticed',
      23: 'a logout at another replica is not noticed',
      24: 'a logout everywhere is not noticed',
      25: 'the disabling of a user is not noticed',
    },
  },
  {
    name: 'reports-of-another-prefix',
    arm: 'session-tracked-broadcast',
    check: 31,
    hole: 'The cache asks for reports on keys that hold no sessions, so it hears of no change.',
    scheme: (_real, context) =>
      trackedSessions('broadcast', (redis, options) => trackKeys(redis, { ...options, prefix: `${options.prefix}x:` }))(
        context,
      ),
    alsoFails: {
      20: 'the end of the previous session at a new login is not noticed',
      23: 'a logout at another replica is not noticed',
      24: 'a logout everywhere is not noticed',
      25: 'the disabling of a user is not noticed',
    },
  },
  {
    name: 'silence-taken-for-consent',
    arm: 'session-tracked',
    check: 50,
    hole: 'The cache is believed while nothing proves that reports of changes still arrive.',
    scheme: (_real, context) =>
      trackedSessions('default', async (redis, options) => ({
        ...(await trackKeys(redis, options)),
        isProven: () => true,
      }))(context),
  },
  {
    name: 'cache-kept-over-a-break',
    arm: 'session-tracked',
    check: 75,
    hole: 'What was cached before the connection broke is believed again after it.',
    scheme: (_real, context) =>
      trackedSessions('default', (redis, options) =>
        trackKeys(redis, { ...options, forget: (key) => void (key !== null && options.forget(key)) }),
      )(context),
  },
];
