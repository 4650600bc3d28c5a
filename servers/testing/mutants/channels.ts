/** Mutants of revocations that replicas hear of: schemes that do not listen, or believe that silence means that all is well. */
import { pushedTokens } from '../../schemes/tokens/pushed-denylist.ts';
import { pushedDenylist } from '../../stores/pushed-denylist.ts';
import type { Mutant } from '../mutant.ts';
import { credulousDenylist } from '../push-tools.ts';

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
    alsoFails: {
      23: 'what was heard is not looked at',
      24: 'what was heard is not looked at',
      25: 'what was heard is not looked at',
      26: 'what was heard is not looked at',
      54: 'what was heard is not looked at',
      56: 'what was heard is not looked at',
      67: 'what was heard is not looked at',
    },
  },
  {
    name: 'push-without-bound',
    arm: 'jwt-denylist-push',
    check: 50,
    hole: 'While Redis is away, a list of any age is used.',
    scheme: (_real, context) =>
      pushedTokens((redis, options) => ({ ...pushedDenylist(redis, options), isCurrent: () => true }))(context),
  },
];
