import { referencePair } from '../../../core/results/arms.ts';
import type { PairedRatio, PairOutcome } from '../../../core/results/paired-ratios.ts';
import type { Interval } from '../../../core/stats/interval.ts';
import { plainMark } from '../../../core/text/flags.ts';
import { list } from '../../../core/text/format.ts';
import { ratioText } from '../../../core/text/pairs.ts';
import { costOf } from '../../view/ranking.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawRanked, type RankedRow } from '../shapes/ranked.ts';
import { tipOf } from '../shapes/tip.ts';

/** The ordinary token if it was compared, otherwise the arm with the lowest estimate. */
function referenceOf({ run, ranking }: ReportView): string | null {
  const token = referencePair(run.arms)?.token;
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

/** With more rows than this, the chart next to the answer shows only the representative arms. */
export const MOST_ROWS = 12;

/** A row for the reference arm, and one for every other arm by rank. */
function rowsOf(view: ReportView): RankedRow[] {
  const reference = referenceOf(view);
  if (reference === null || view.ranking === null) return [];
  const { arms, costs } = view.ranking;
  return arms.flatMap(({ arm }): RankedRow[] => {
    const colour = view.arms.find(({ name }) => name === arm)?.colour ?? '';
    if (arm === reference) {
      const tip = `${titled(view, arm)}: 1.00×, the reference for the others`;
      return [{ ...UNIT, label: arm, arm, colour, tip, text: '1.00× by definition' }];
    }
    const pair = costs.between(arm, reference);
    if (pair === null) return [];
    const text = `${ratioText(pair)}${pair.outcome === 'no difference' ? ' =' : ''}${plainMark(pair.ratio)}`;
    return [
      {
        ...pair.ratio,
        label: arm,
        arm,
        colour,
        tip: tipOf(`${titled(view, arm)}, over ${reference}`, pair.ratio),
        text,
      },
    ];
  });
}

const UNIT: Interval = { value: 1, low: 1, high: 1 };

/** `jwt-hs256-lean (JWT, HS256, hand-tuned)` */
function titled({ arms }: ReportView, name: string): string {
  const title = arms.find((arm) => arm.name === name)?.title ?? name;
  return title === name ? name : `${name} (${title})`;
}

/** Of many rows, the reference and the representative arms; otherwise all rows. */
function representative(rows: readonly RankedRow[], view: ReportView): readonly RankedRow[] {
  if (rows.length <= MOST_ROWS) return rows;
  const reference = referenceOf(view);
  const chosen = view.arms.filter(({ name, tags }) => name === reference || tags.includes('representative'));
  const few = rows.filter(({ arm }) => chosen.some(({ name }) => name === arm)).slice(0, MOST_ROWS);
  return few.length > 1 ? few : rows.slice(0, MOST_ROWS);
}

/** The number of arms that the narrow drawing omits. */
export function leftOut(view: ReportView): number {
  const rows = rowsOf(view);
  return rows.length - representative(rows, view).length;
}

/** Each arm's cost relative to the ordinary token's, from the same blocks. */
export const tollPairs: Chart = {
  id: 'toll-pairs',
  title: 'Compared block by block',
  experiment: 'toll',
  note: 'CPU time per request as a multiple of one arm’s, whose row is 1.00 (dashed line). All pairs are compared within the same blocks, which are short turns of equal load. Thick line: the confidence interval of this ratio. “=”: no difference was found. Outcomes allow for the number of comparisons (Holm, 5 % level); intervals are those of one comparison.',
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
    const rows = rowsOf(view);
    if (reference === null || rows.length < 2) return null;
    return drawRanked(canvas.name === 'narrow' ? representative(rows, view) : rows, canvas, {
      axisTitle: `CPU time per request over that of ${reference}`,
      scale: 'linear',
      reference: { value: 1, label: reference },
    });
  },
};
