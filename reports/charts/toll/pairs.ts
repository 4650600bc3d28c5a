import type { PairedRatio, PairOutcome } from '../../../core/results/paired-ratios.ts';
import { plainMark } from '../../../core/text/flags.ts';
import { list } from '../../../core/text/format.ts';
import { ratioText } from '../../../core/text/pairs.ts';
import { ordinaryPair } from '../../view/headline.ts';
import { costOf } from '../../view/ranking.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawRanked } from '../shapes/ranked.ts';
import { tipOf } from '../shapes/tip.ts';

/** The ordinary token where it was compared, else the arm with the lowest estimate. */
function referenceOf({ run, ranking }: ReportView): string | null {
  const token = ordinaryPair(run)?.token;
  return ranking?.arms.find(({ arm }) => arm === token)?.arm ?? ranking?.arms[0]?.arm ?? null;
}

/** Every other arm against the reference, in the order of the ranking. */
function pairsOf(view: ReportView): PairedRatio[] {
  const reference = referenceOf(view);
  if (view.ranking === null || reference === null) return [];
  const { arms, costs } = view.ranking;
  return arms.flatMap(({ arm }) => (arm === reference ? [] : (costs.between(arm, reference) ?? [])));
}

const OUTCOMES: readonly (readonly [PairOutcome, string])[] = [
  ['less', 'less'],
  ['no difference', 'no difference found'],
  ['more', 'more'],
  ['one sample', 'one sample, which shows no order'],
];

/** Each arm's cost over the ordinary token's, from the same blocks. */
export const tollPairs: Chart = {
  id: 'toll-pairs',
  title: 'Compared block by block',
  experiment: 'toll',
  note: 'CPU time per request as a multiple of one arm’s (dashed line), from the same blocks. Thick line: the confidence interval of this ratio. “=”: no difference was found. Outcomes allow for the number of comparisons (Holm, 5 % level); intervals are those of one comparison.',
  figures: (view) => pairsOf(view).map(({ ratio }) => ratio),
  sentence(view) {
    const pairs = pairsOf(view);
    const reference = referenceOf(view);
    if (view.ranking === null || reference === null || pairs.length === 0) return 'No two arms were compared in pairs.';
    const groups = OUTCOMES.flatMap(([outcome, words]) => {
      const own = pairs.filter((pair) => pair.outcome === outcome);
      return own.length === 0 ? [] : [`${words}: ${list(own.map((pair) => `${pair.a} (${ratioText(pair)})`))}`];
    });
    return `Against ${reference}, by ${costOf(view.ranking)}: ${groups.join('; ')}.`;
  },
  draw(view, canvas) {
    const reference = referenceOf(view);
    const pairs = pairsOf(view);
    if (reference === null || pairs.length === 0) return null;
    const rows = pairs.map((pair) => ({
      ...pair.ratio,
      label: pair.a,
      arm: pair.a,
      tip: tipOf(`${pair.a} over ${pair.b}`, pair.ratio),
      colour: view.arms.find((arm) => arm.name === pair.a)?.colour ?? '',
      text: `${ratioText(pair)}${pair.outcome === 'no difference' ? ' =' : ''}${plainMark(pair.ratio)}`,
    }));
    return drawRanked(rows, canvas, {
      axisTitle: `CPU time per request over that of ${reference}`,
      scale: 'linear',
      reference: { value: 1, label: reference },
    });
  },
};
