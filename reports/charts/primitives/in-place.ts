import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate, formatNumber } from '../../../core/text/format.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import { PART_COLOURS } from '../../view/palette.ts';
import type { ReportView } from '../../view/view.ts';
import { furthestSentence, nearestSentence, noMultipleSentence } from '../core-operation.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawRanked } from '../shapes/ranked.ts';
import { tipOf } from '../shapes/tip.ts';

interface InPlace {
  readonly primitive: string;
  readonly cost: ReturnType<typeof figuresOf>[number];
  /** CPU time of the primitive alone in a process, in µs; null if that was not measured. */
  readonly aloneUs: number | null;
}

function inPlace(view: ReportView): InPlace[] {
  const alone = figuresOf(view.run, 'hot-path', 'primitive_cpu_us');
  return figuresOf(view.run, 'hot-path', 'primitive_in_place_us')
    .map((cost) => ({
      primitive: String(cost.factors.primitive),
      cost,
      aloneUs: alone.find(({ factors }) => factors.primitive === cost.factors.primitive)?.value ?? null,
    }))
    .sort((a, b) => a.cost.value - b.cost.value);
}

interface Parts {
  readonly cost: ArmFigure;
  /** The sum of the isolated costs; null if one was not measured. */
  readonly aloneUs: number | null;
}

/** All operations of each arm together, for arms with more than one. */
function parts(view: ReportView): Parts[] {
  const explained = figuresOf(view.run, 'hot-path', 'toll_explained_us');
  return figuresOf(view.run, 'hot-path', 'parts_in_place_us')
    .filter(hasArm)
    .flatMap((cost) => {
      const alone = explained.filter(({ arm }) => arm === cost.arm);
      if (alone.length === 1) return [];
      return [{ cost, aloneUs: alone.length === 0 ? null : alone.reduce((sum, { value }) => sum + value, 0) }];
    })
    .sort((a, b) => a.cost.value - b.cost.value);
}

/** Each arm's toll over its core operation, or over all its operations; the smallest ratio first. */
function ratios(
  view: ReportView,
  metric: 'toll_to_primitive_in_place_ratio' | 'toll_to_parts_in_place_ratio',
): ArmFigure[] {
  return figuresOf(view.run, 'hot-path', metric)
    .filter(hasArm)
    .sort((a, b) => a.value - b.value);
}

/** The operation whose cost in a server is the largest multiple of its cost alone. A cost that may be zero has none. */
function largestDifference(rows: readonly InPlace[]): string {
  const [most] = rows
    .flatMap(({ primitive, cost, aloneUs }) =>
      aloneUs === null || aloneUs <= 0 || cost.low <= 0 ? [] : [{ primitive, cost, by: cost.value / aloneUs }],
    )
    .sort((a, b) => b.by - a.by);
  if (most === undefined) return '';
  const times = `${formatNumber(most.by, -1)} times its cost alone`;
  return `Inside a server ${most.primitive} takes ${formatEstimate(most.cost)} of CPU time per request, ${times}.`;
}

/** Which arm is closest to its core operation, which is furthest from the sum of its own, and which are noise. */
function nearestAndFurthest(view: ReportView): string {
  const toCore = ratios(view, 'toll_to_primitive_in_place_ratio');
  const toParts = ratios(view, 'toll_to_parts_in_place_ratio');
  const sentences = [nearestSentence(toCore), furthestSentence(toParts), noMultipleSentence([...toCore, ...toParts])];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** The operations of the arms, measured inside a server. */
export const primitivesInPlace: Chart = {
  id: 'primitives-in-place',
  title: 'The same operations inside a server',
  experiment: 'hot-path',
  appendix: true,
  note: 'Dot: CPU time that the operation adds to each request of a server that does nothing else; for an arm, the sum of its operations. Ring: CPU time isolated in a process, or the sum of these. Thick line: the confidence interval.',
  figures: (view) => [
    ...inPlace(view).map(({ cost }) => cost),
    ...parts(view).map(({ cost }) => cost),
    ...ratios(view, 'toll_to_primitive_in_place_ratio'),
    ...ratios(view, 'toll_to_parts_in_place_ratio'),
  ],
  sentence(view) {
    return (
      `${largestDifference(inPlace(view))} ${nearestAndFurthest(view)}`.trim() ||
      'The operations of the arms, measured inside a server.'
    );
  },
  draw(view, canvas) {
    const row = (label: string, { cost, aloneUs }: Pick<InPlace, 'cost' | 'aloneUs'>, colour: string) => ({
      label,
      tip: tipOf(`${label}, inside a server`, cost),
      value: cost.value,
      low: cost.low,
      high: cost.high,
      colour,
      text: `${formatEstimate(cost)}${plainMark(cost)}`,
      ...(aloneUs === null ? {} : { second: aloneUs }),
    });
    const rows = [
      ...inPlace(view).map((one) => row(one.primitive, one, PART_COLOURS[0])),
      ...parts(view).map((all) => row(`all of ${all.cost.arm}`, all, PART_COLOURS[1])),
    ];
    return rows.length === 0 ? null : drawRanked(rows, canvas, { axisTitle: 'CPU µs per request', scale: 'linear' });
  },
};
