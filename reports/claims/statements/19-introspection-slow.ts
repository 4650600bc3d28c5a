import { formatEstimate } from '../../../core/text/format.ts';
import { isIntrospected, isSessionInRedis } from '../arms.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf, inconclusive } from '../claim.ts';
import { shownPair } from '../evidence.ts';

/** Introspection counts as too slow if it costs this many times a session in Redis, all processes included. */
const TOO_SLOW = 2;

export const introspectionSlow: Claim = {
  number: 19,
  id: 'introspection-slow',
  statement: 'Introspection is too slow for every request.',
  experiments: ['toll'],
  charts: ['toll', 'toll-parts'],
  judge(evidence) {
    const { costs } = evidence;
    // Without the authorization server's own CPU time, most of the cost would be missing.
    if (costs === null || !costs.includesRedis) return null;
    const session = evidence.armWhere(isSessionInRedis);
    const plain = evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === null);
    const cached = evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === 'cached');
    const each = costs.between(plain, session);
    if (each === null || each.outcome === 'one sample') return null;
    const behind = costs.between(cached, session);
    const ratioOf = (ratio: { value: number; low: number; high: number }) => formatEstimate({ ...ratio, unit: '×' });
    const figures = [shownPair(each), ...(behind === null ? [] : [shownPair(behind)])];
    const withCache =
      behind === null ? '' : ` With responses cached in the replica (${cached}) it takes ${ratioOf(behind.ratio)}.`;
    const grounds = {
      because: `With introspection on each request, ${plain} takes ${ratioOf(each.ratio)} the CPU time of ${session}, including the authorization server, Redis and replicas.${withCache}`,
      figures,
      turns: `This changes if an introspection costs less than ${TOO_SLOW} × a session, or more, for instance over TLS and another network.`,
    };
    if (each.ratio.high < TOO_SLOW) return doesNotHold(grounds);
    if (each.ratio.low <= TOO_SLOW) return inconclusive(grounds);
    if (behind !== null && behind.ratio.high < TOO_SLOW) return holdsOnlyIf('responses are not cached', grounds);
    return holds(grounds);
  },
};
