/** Mutants of pushed revocations: schemes that do not listen, or treat silence as proof that nothing was revoked. */
import { pushedTokens } from '../../schemes/tokens/pushed-denylist.ts';
import { type Status, statusReader } from '../../schemes/tokens/status/reader.ts';
import { statusListTokens } from '../../schemes/tokens/status/status-list.ts';
import { pushedDenylist } from '../../stores/pushed-denylist.ts';
import type { Mutant } from '../mutant.ts';
import { credulousDenylist } from '../push-tools.ts';

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
