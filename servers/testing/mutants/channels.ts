/** Mutants of pushed revocations: schemes that do not listen, or treat silence as proof that nothing was revoked. */
import { redisOf } from '../../scheme.ts';
import { pushedTokens } from '../../schemes/tokens/pushed-denylist.ts';
import { type Status, statusReader } from '../../schemes/tokens/status/reader.ts';
import { statusListTokens } from '../../schemes/tokens/status/status-list.ts';
import { pushedDenylist } from '../../stores/pushed-denylist.ts';
import type { RedisStore } from '../../stores/redis.ts';
import type { Mutant } from '../mutant.ts';
import { credulousDenylist } from '../push-tools.ts';

/** The number of keys of the script that takes a place of the status list. */
const KEYS_OF_A_PLACE = 3;

/** Returns the store with a client whose scripts run through `run`. */
function withScripts(
  redis: RedisStore,
  run: (real: () => Promise<unknown>, keys: unknown) => Promise<unknown>,
): RedisStore {
  const client = new Proxy(redis.client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'eval') return value.bind(target);
      return (...args: unknown[]) => run(() => value.apply(target, args), args[1]);
    },
  });
  return { ...redis, client };
}

/** Checks that may run at the same time on the same fleet, and end tokens. */
const SHARED = Object.fromEntries(
  [23, 24, 25, 26, 28, 29, 52, 54, 55, 67, 92].map((check) => [
    check,
    'its token shares a place with one that has ended',
  ]),
);

/** Checks that wait for a revoked credential to be refused. */
const UNHEARD = Object.fromEntries(
  [23, 24, 25, 26, 54, 56, 67].map((check) => [check, 'what was heard is not looked at']),
);

export const CHANNEL_MUTANTS: readonly Mutant[] = [
  {
    name: 'push-is-believed',
    arm: 'jwt-denylist-push',
    check: 73,
    hole: 'A replica whose connection breaks hears of no revocation any more, and does not notice.',
    scheme: (_real, context) => pushedTokens(credulousDenylist)(context),
    alsoFails: { 50: 'silence counts as proof that nothing was revoked' },
  },
  {
    name: 'push-is-ignored',
    arm: 'jwt-denylist-push',
    check: 73,
    hole: 'Revocations are published, and no replica looks at what it heard.',
    scheme: (_real, context) =>
      pushedTokens((redis, options) => ({ ...pushedDenylist(redis, options), isDenied: () => false }))(context),
    alsoFails: UNHEARD,
  },
  {
    name: 'snapshot-without-users',
    arm: 'jwt-denylist-push',
    check: 92,
    hole: 'A new replica reads which tokens have ended, but not whose tokens have: it accepts them again.',
    scheme: (_real, context) =>
      pushedTokens((redis, options) =>
        pushedDenylist(
          // The snapshot is the only script that returns three lists.
          withScripts(redis, async (real) => {
            const reply = await real();
            return Array.isArray(reply) && reply.length === 3 ? reply.with(2, []) : reply;
          }),
          options,
        ),
      )(context),
    alsoFails: { 73: 'a replica reads a snapshot after its connection broke, too' },
  },
  {
    name: 'places-shared',
    arm: 'jwt-status-list',
    check: 89,
    hole: 'Logins at the same time share the request for a place in the list, so one logout ends several tokens.',
    context(context) {
      let taking: Promise<unknown> | null = null;
      return {
        ...context,
        redis: withScripts(redisOf(context), (real, keys) => {
          if (keys !== KEYS_OF_A_PLACE) return real();
          taking ??= real().finally(() => {
            taking = null;
          });
          return taking;
        }),
      };
    },
    alsoFails: SHARED,
  },
  {
    name: 'push-without-bound',
    arm: 'jwt-denylist-push',
    check: 50,
    hole: 'While Redis is unavailable, a list of any age is used.',
    scheme: (_real, context) =>
      pushedTokens((redis, options) => ({ ...pushedDenylist(redis, options), isCurrent: () => true }))(context),
  },
  {
    name: 'status-is-ignored',
    arm: 'jwt-status-list',
    check: 73,
    hole: 'The list is fetched and verified, and no bit of it is looked at.',
    scheme: (_real, context) =>
      statusListTokens((options) => {
        const real = statusReader(options);
        return { ...real, statusOf: (index) => (real.statusOf(index) === 'unknown' ? 'unknown' : 'valid') };
      })(context),
    alsoFails: UNHEARD,
  },
  {
    name: 'status-of-any-age',
    arm: 'jwt-status-list',
    check: 50,
    hole: 'When no newer list can be had, an expired one is used.',
    scheme: (_real, context) =>
      statusListTokens((options) => {
        const real = statusReader(options);
        const last = new Map<number, Status>();
        const statusOf = (index: number) => {
          const status = real.statusOf(index);
          if (status !== 'unknown') last.set(index, status);
          return last.get(index) ?? status;
        };
        return { ...real, statusOf };
      })(context),
  },
];
