import type { Figure } from '../../../../core/results/schema.ts';
import { breakEvenSentence, isExtrapolated, paysFrom } from '../../../../core/text/break-even.ts';
import { counted, formatDuration, formatEstimate } from '../../../../core/text/format.ts';
import { costSentence } from '../../../../core/text/pairs.ts';
import { isExchangedAtEdge, isIntrospected } from '../../arms.ts';
import { type Claim, doesNotHold, type Grounds, holds, holdsOnlyIf, inconclusive } from '../../claim.ts';
import { above, type Evidence, mostOf, shownPair } from '../../evidence.ts';
import type { Shown } from '../../shown.ts';

/** The result for one service behind the edge: whether the edge costs less, more, or neither for certain. */
interface OneService {
  readonly outcome: 'less' | 'more' | 'unclear';
  readonly because: string;
  readonly figures: readonly Shown[];
}

interface Arms {
  readonly edge: string;
  readonly each: string;
  readonly cached: string;
}

/** One service by `toll`, including its edge. Null if that was not measured, or only once. */
function byToll({ costs }: Evidence, { edge, each, cached }: Arms): OneService | null {
  // Without the authorization server's own CPU time, most of the cost of an introspection would be missing.
  if (costs === null || !costs.includesRedis) return null;
  const pair = costs.between(edge, each);
  if (pair === null || pair.outcome === 'one sample') return null;
  const beside = costs.between(edge, cached);
  const withCache =
    beside === null || beside.outcome === 'one sample'
      ? ''
      : ` Compared with replicas that cache the answers themselves for as long, ${costSentence(beside, costs)}.`;
  const { ratio, outcome } = pair;
  // Among many pairs, some interval excludes 1 by chance: the outcome is corrected for their number.
  const isLess = outcome === 'less' && ratio.high < 1;
  const isMore = outcome === 'more' && ratio.low > 1;
  return {
    outcome: isLess ? 'less' : isMore ? 'more' : 'unclear',
    because: `With one service behind it, and its edge counted, ${costSentence(pair, costs)}.${withCache}`,
    figures: [shownPair(pair), ...(beside === null ? [] : [shownPair(beside)])],
  };
}

const NOTHING = { value: 0, low: 0, high: 0 };

/** One service of a chain. */
function byChain(differences: readonly Figure[], { edge, each }: Arms): OneService | null {
  const difference = differences.find(({ factors }) => factors.hops === 1);
  if (difference === undefined) return null;
  const isMore = above(difference, NOTHING);
  return {
    outcome: above(NOTHING, difference) ? 'less' : isMore ? 'more' : 'unclear',
    because: `With one service behind it, and its edge counted, the CPU time of ${edge} minus that of ${each} is ${formatEstimate(difference)} per request.`,
    figures: [shownDifference(difference, each)],
  };
}

function shownDifference(figure: Figure, each: string): Shown {
  const hops = Number(figure.factors.hops);
  return {
    label: `${figure.arm} minus ${each}, CPU time over ${counted(hops, 'service')}`,
    figure,
  };
}

/** How long an ended token is still accepted at another edge, as the arm declares: the price of the saving. */
function priceText(evidence: Evidence, edge: string): string {
  const withinMs = evidence.arms.find(({ name }) => name === edge)?.declares?.revokedWithinMs;
  return withinMs ? ` An ended token may then be accepted for up to ${formatDuration(withinMs)}.` : '';
}

export const phantomCheaper: Claim = {
  number: 25,
  id: 'phantom-cheaper',
  statement: 'An edge that exchanges opaque tokens (phantom tokens) is cheaper than introspection on each request.',
  experiments: ['toll', 'chain'],
  charts: ['toll', 'toll-parts', 'chain'],
  judge(evidence) {
    const arms = {
      edge: evidence.armWhere(isExchangedAtEdge),
      each: evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === null),
      cached: evidence.armWhere((arm) => isIntrospected(arm) && arm.variant === 'cached'),
    };
    const { edge, each } = arms;
    const differences = evidence.of(edge, 'chain', 'chain_difference_us', { against: each });
    const one = byToll(evidence, arms) ?? byChain(differences, arms);
    if (one === null) return null;
    const measured = mostOf(differences, 'hops');
    const found = evidence.one(edge, 'chain', 'chain_break_even_services', { against: each });
    const breakEven = measured === null ? null : { edge, against: each, found, measured };
    const last = differences.find(({ factors }) => factors.hops === measured && factors.hops !== 1);
    const grounds: Grounds = {
      because: `${one.because}${breakEven === null ? '' : ` ${breakEvenSentence(breakEven)}`}${priceText(evidence, edge)}`,
      figures: [
        ...one.figures,
        ...(last === undefined ? [] : [shownDifference(last, each)]),
        ...(found === null ? [] : [{ label: `${edge} and ${each}, break-even`, figure: found }]),
      ],
      turns:
        breakEven === null
          ? 'This changes with the number of services that a request reaches: the edge is paid once, and each further service verifies a signature instead of introspecting. The experiment chain measures the break-even. It also changes if there is a gateway anyway: its hop then adds no cost.'
          : 'This changes with the cost of a verification and of an introspection, and if there is a gateway anyway: its hop then adds no cost.',
    };
    if (one.outcome === 'less') return holds(grounds);
    if (found !== null && breakEven !== null && paysFrom(found) > 1) {
      const byLine = isExtrapolated(breakEven) ? ' (by a line through the numbers that were measured)' : '';
      return holdsOnlyIf(`a request reaches ${paysFrom(found)} services or more behind the edge${byLine}`, grounds);
    }
    return one.outcome === 'more' ? doesNotHold(grounds) : inconclusive(grounds);
  },
};
