import { type ArmFigure, figuresOf, hasArm } from '../figures.ts';
import { plainMark } from '../flags.ts';
import { formatEstimate, formatNumber } from '../format.ts';
import { PART_COLOURS } from '../palette.ts';
import type { ReportView } from '../view.ts';
import type { Chart } from './chart.ts';
import { rankedSpec } from './ranked.ts';

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

/** Each arm's toll over what it needs at least, the nearest first. */
function ratios(view: ReportView): ArmFigure[] {
  return figuresOf(view.run, 'hot-path', 'toll_to_primitive_in_place_ratio')
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

/** What the schemes need at least, measured where they need it. */
export const primitivesInPlace: Chart = {
  id: 'primitives-in-place',
  title: 'The operations that a scheme cannot do without, in a server',
  experiment: 'hot-path',
  note: 'Dot: the CPU time that it adds to a request, in a server that does it for each and nothing besides. Ring: its CPU time alone in a process. Thick line: the interval.',
  figures: (view) => [...inPlace(view).map(({ cost }) => cost), ...ratios(view)],
  sentence(view) {
    const [nearest] = ratios(view);
    const near =
      nearest === undefined
        ? ''
        : ` Nearest to what its scheme needs comes ${nearest.arm}: its toll is ${formatEstimate(nearest)} of that.`;
    return (
      `${mostDearer(inPlace(view))}${near}`.trim() || 'What the schemes need at least, measured where they need it.'
    );
  },
  spec(view, canvas) {
    const rows = inPlace(view);
    if (rows.length === 0) return null;
    const shown = rows.map(({ primitive, cost, aloneUs }) => ({
      label: primitive,
      value: cost.value,
      low: cost.low,
      high: cost.high,
      colour: PART_COLOURS[0],
      text: `${formatEstimate(cost)}${plainMark(cost)}`,
      ...(aloneUs === null ? {} : { second: aloneUs }),
    }));
    return rankedSpec(shown, canvas, { axisTitle: 'CPU µs per operation', scale: 'linear' });
  },
};
