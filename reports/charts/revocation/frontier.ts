/** Which arms are Pareto-optimal in cost and in how soon a credential ends: on one replica, and in a fleet. */

import { endsAtOnce, isLowerBound } from '../../../core/results/sampled.ts';
import { formatValue, list } from '../../../core/text/format.ts';
import { lifeText } from '../../../core/text/life.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import type { ArmLag } from './figures.ts';
import { drawFrontier } from './frontier-drawing.ts';
import { fleetLevel, hasOrder, type Level, singleLevel, unbeaten } from './frontier-points.ts';

/** A sentence lists at most this many names. */
const MOST_OTHERS = 5;

const ends = ({ max }: ArmLag) =>
  endsAtOnce(max) ? 'ends at once' : `valid for ${lifeText(max)}${isLowerBound(max) ? '' : ' more'}`;

const where = ({ replicas }: Level) => (replicas === 1 ? 'On one replica' : `With ${replicas} replicas`);

/**
 * The Pareto-optimal arms, and the others; null if no two arms have both figures, or no two are known to differ in
 * cost.
 */
function sentenceOf(level: Level): string | null {
  if (level.points.length < 2 || !hasOrder(level)) return null;
  const best = unbeaten(level);
  const others = level.points.map(({ lag }) => lag.arm).filter((arm) => !best.some(({ lag }) => lag.arm === arm));
  const each = best.map(({ lag, cost }) => `${lag.arm} (${formatValue({ ...cost, unit: '×' })}, ${ends(lag)})`);
  const rest =
    others.length === 0
      ? ''
      : others.length <= MOST_OTHERS
        ? ` For each of the others, ${list(others)}, one of these costs less and revokes no later.`
        : ` For each of the ${others.length} others, one of these costs less and revokes no later.`;
  return `${where(level)}, no other arm is known to beat these in both CPU time per request and time until a revoked credential is refused: ${list(each)}.${rest}`;
}

const NO_ORDER = 'No two arms with both a lag and a cost are known to differ in cost, so none beats another.';

/** Sentences for a summary, one for each measured size of fleet. */
export function frontierSentences(view: ReportView): string[] {
  const fleet = fleetLevel(view);
  return [singleLevel(view), ...(fleet === null ? [] : [fleet])].flatMap((level) => sentenceOf(level) ?? []);
}

const figuresOf = ({ points }: Level) =>
  points.length < 2 ? [] : points.flatMap(({ lag, figure }) => (figure === null ? [lag.max] : [lag.max, figure]));

const NOTE =
  'Further left is cheaper, further down is faster to revoke. Lines: intervals of cost, and of the time until the first refusal. Large dots: no other arm is known to cost less and revoke no later. Costs are compared in the same blocks. The lag is that of the slowest replica.';

/** The frontier on one replica. */
export const frontier: Chart = {
  id: 'frontier',
  title: 'The cost of fast revocation',
  experiment: 'revocation',
  note: NOTE,
  figures: (view) => figuresOf(singleLevel(view)),
  sentence: (view) => sentenceOf(singleLevel(view)) ?? NO_ORDER,
  draw: (view, canvas) => drawFrontier(singleLevel(view), canvas),
};

/** The frontier in the largest compared fleet: Redis is busier there, and receives larger batches. */
export const frontierFleet: Chart = {
  id: 'frontier-fleet',
  title: 'The same in the largest fleet',
  experiment: 'revocation',
  note: NOTE,
  figures(view) {
    const level = fleetLevel(view);
    return level === null ? [] : figuresOf(level);
  },
  sentence(view) {
    const level = fleetLevel(view);
    return (level === null ? null : sentenceOf(level)) ?? NO_ORDER;
  },
  draw(view, canvas) {
    const level = fleetLevel(view);
    return level === null ? null : drawFrontier(level, canvas);
  },
};
