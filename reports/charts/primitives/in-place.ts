import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate, formatNumber } from '../../../core/text/format.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import { PART_COLOURS } from '../../view/palette.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { rankedSpec } from '../shapes/ranked.ts';

interface InPlace {
  readonly primitive: string;
  readonly cost: ReturnType<typeof figuresOf>[number];
  /** Its CPU time alone in a process, in µs; null where that was not measured. */
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
  /** The sum of what each is alone in a process; null where that was not measured. */
  readonly aloneUs: number | null;
}

/** What each arm is made of, together: only where that is more than one operation. */
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

/** Each arm's toll over what it needs at least, or over all that it is made of, the nearest first. */
function ratios(
  view: ReportView,
  metric: 'toll_to_primitive_in_place_ratio' | 'toll_to_parts_in_place_ratio',
): ArmFigure[] {
  return figuresOf(view.run, 'hot-path', metric)
    .filter(hasArm)
    .sort((a, b) => a.value - b.value);
}

/** The one whose cost differs most, by ratio, from what it is alone. */
function mostDearer(rows: readonly InPlace[]): string {
  const [most] = rows
    .flatMap(({ primitive, cost, aloneUs }) =>
      aloneUs === null || aloneUs <= 0 ? [] : [{ primitive, cost, by: cost.value / aloneUs }],
    )
    .sort((a, b) => b.by - a.by);
  if (most === undefined) return '';
  const times = `${formatNumber(most.by, -1)} times what it costs alone`;
  return `In a server that does it for each request ${most.primitive} costs ${formatEstimate(most.cost)} of CPU time, ${times}.`;
}

/** Which arm comes nearest to what it needs, and which pays most for what lies between its parts. */
function nearestAndFurthest(view: ReportView): string {
  const nearest = ratios(view, 'toll_to_primitive_in_place_ratio')[0];
  const furthest = ratios(view, 'toll_to_parts_in_place_ratio').at(-1);
  return [
    ...(nearest === undefined
      ? []
      : [`Nearest to what its scheme needs comes ${nearest.arm}: its toll is ${formatEstimate(nearest)} of that.`]),
    ...(furthest === undefined
      ? []
      : [
          `All its parts together explain least of what ${furthest.arm} costs: its toll is ${formatEstimate(furthest)} of theirs.`,
        ]),
  ].join(' ');
}

/** What the arms are made of, measured where they need it. */
export const primitivesInPlace: Chart = {
  id: 'primitives-in-place',
  title: 'The operations that the arms are made of, in a server',
  experiment: 'hot-path',
  note: 'Dot: the CPU time that it adds to a request, in a server that does it for each and nothing besides; of an arm, all its operations together. Ring: its CPU time alone in a process, or the sum. Thick line: the interval.',
  figures: (view) => [
    ...inPlace(view).map(({ cost }) => cost),
    ...parts(view).map(({ cost }) => cost),
    ...ratios(view, 'toll_to_primitive_in_place_ratio'),
    ...ratios(view, 'toll_to_parts_in_place_ratio'),
  ],
  sentence(view) {
    return (
      `${mostDearer(inPlace(view))} ${nearestAndFurthest(view)}`.trim() ||
      'What the arms are made of, measured where they need it.'
    );
  },
  spec(view, canvas) {
    const row = (label: string, { cost, aloneUs }: Pick<InPlace, 'cost' | 'aloneUs'>, colour: string) => ({
      label,
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
    return rows.length === 0 ? null : rankedSpec(rows, canvas, { axisTitle: 'CPU µs per request', scale: 'linear' });
  },
};
