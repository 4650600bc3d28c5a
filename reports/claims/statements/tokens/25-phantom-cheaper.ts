import { formatDuration } from '../../../../core/text/format.ts';
import { costSentence } from '../../../../core/text/pairs.ts';
import { isExchangedAtEdge, isIntrospected } from '../../arms.ts';
import { type Claim, doesNotHold, holds, inconclusive } from '../../claim.ts';
import { type Evidence, shownPair } from '../../evidence.ts';

/**
 * How long an ended token is still accepted at another edge, as the arm declares it: that is the price of the saving.
 */
function priceText(evidence: Evidence, edge: string): string {
  const withinMs = evidence.arms.find(({ name }) => name === edge)?.declares?.revokedWithinMs;
  return withinMs ? ` An ended token may then be accepted for up to ${formatDuration(withinMs)}.` : '';
}

export const phantomCheaper: Claim = {
  number: 25,
  id: 'phantom-cheaper',
  statement: 'An edge that exchanges opaque tokens (phantom tokens) is cheaper than introspection of each request.',
  experiments: ['toll'],
  charts: ['toll', 'toll-parts'],
  judge(evidence) {
    const { costs } = evidence;
    // Without the authorization server's own CPU time most of what an introspection costs would be left out.
    if (costs === null || !costs.includesRedis) return null;
    const edge = evidence.armWhere(isExchangedAtEdge);
    const each = evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === null);
    const cached = evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === 'cached');
    const pair = costs.between(edge, each);
    if (pair === null || pair.outcome === 'one sample') return null;
    const beside = costs.between(edge, cached);
    const withCache =
      beside === null || beside.outcome === 'one sample'
        ? ''
        : ` Compared with replicas that cache the answers themselves for as long, ${costSentence(beside, costs)}.`;
    const grounds = {
      because: `With one service behind it, and its edge counted, ${costSentence(pair, costs)}.${withCache}${priceText(evidence, edge)}`,
      figures: [shownPair(pair), ...(beside === null ? [] : [shownPair(beside)])],
      turns:
        'This changes with the number of services that a request reaches: the edge is paid once, and each further service verifies a signature instead of introspecting. It also changes if there is a gateway anyway: its hop then costs nothing more.',
    };
    const { ratio, outcome } = pair;
    // An interval that leaves 1 out by chance is likely among many pairs: the outcome is corrected for their number.
    if (outcome === 'less' && ratio.high < 1) return holds(grounds);
    return outcome === 'more' && ratio.low > 1 ? doesNotHold(grounds) : inconclusive(grounds);
  },
};
