import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate, formatSum, formatValue, list } from '../../../core/text/format.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import { PART_COLOURS } from '../../view/palette.ts';
import type { ReportView } from '../../view/view.ts';
import { multipleOf, nearestSentence, noMultipleSentence } from '../core-operation.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawStacked } from '../shapes/stacked.ts';
import { MUTED, NEUTRAL } from '../shapes/theme.ts';
import { tipOf } from '../shapes/tip.ts';

interface Explained {
  readonly arm: string;
  readonly parts: readonly ArmFigure[];
  readonly unexplained: ArmFigure | null;
  /** The toll relative to the essential read or verification of the scheme. */
  readonly toPrimitive: ArmFigure | null;
}

function explained(view: ReportView): Explained[] {
  const parts = figuresOf(view.run, 'hot-path', 'toll_explained_us').filter(hasArm);
  const rest = figuresOf(view.run, 'hot-path', 'toll_unexplained_us').filter(hasArm);
  const ratios = figuresOf(view.run, 'hot-path', 'toll_to_primitive_ratio').filter(hasArm);
  const total = (row: Explained) => [...row.parts, row.unexplained].reduce((sum, part) => sum + (part?.value ?? 0), 0);
  return [...new Set([...parts, ...rest].map((figure) => figure.arm))]
    .map((arm) => ({
      arm,
      parts: parts.filter((figure) => figure.arm === arm),
      unexplained: rest.find((figure) => figure.arm === arm) ?? null,
      toPrimitive: ratios.find((figure) => figure.arm === arm) ?? null,
    }))
    .sort((a, b) => total(a) - total(b));
}

/** How close an implementation comes to the minimum of its scheme. */
function nearest(rows: readonly Explained[]): string {
  const ratios = rows.flatMap(({ toPrimitive }) => toPrimitive ?? []).sort((a, b) => a.value - b.value);
  return `${nearestSentence(ratios)} ${noMultipleSentence(ratios)}`.trim();
}

/** Readers cannot distinguish more colours; the rest is shown as one part. */
const MOST_PARTS = 7;

/** The primitives by total cost over all arms. */
function largestFirst(rows: readonly Explained[]): string[] {
  const totals = new Map<string, number>();
  for (const part of rows.flatMap((row) => row.parts)) {
    const name = String(part.factors.primitive);
    totals.set(name, (totals.get(name) ?? 0) + part.value);
  }
  return [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/** The toll by operation: the isolated cost of each, and the unexplained rest. */
export const tollExplained: Chart = {
  id: 'toll-explained',
  title: 'What the toll consists of',
  experiment: 'hot-path',
  note: 'Each part is one operation, timed in isolation. Left of zero: the operations add up to more than the toll. ×: the toll divided by the scheme’s core operation, the one read of the store or the one verification that it cannot avoid.',
  figures: (view) =>
    explained(view).flatMap(({ parts, unexplained, toPrimitive }) => [
      ...parts,
      ...[unexplained, toPrimitive].filter((figure) => figure !== null),
    ]),
  sentence(view) {
    const rows = explained(view).filter((row) => row.unexplained !== null);
    const rest = (row: Explained) => row.unexplained?.value ?? 0;
    const most = [...rows].sort((a, b) => rest(b) - rest(a))[0];
    if (most === undefined || most.unexplained === null) return 'The operations of each arm, as parts of its toll.';
    const overdrawn = rows.filter((row) => (row.unexplained?.high ?? 0) < 0).map((row) => row.arm);
    const over =
      overdrawn.length === 0
        ? ''
        : ` For ${list(overdrawn)} the operations, timed in isolation, add up to more than the toll.`;
    const main = `The largest unexplained part is that of ${most.arm}: ${formatEstimate(most.unexplained)} of its toll is not in these operations but in plugin code, hooks, header parsing and garbage collection.`;
    const first = rest(most) <= 0 ? 'The operations explain the toll of every arm.' : main;
    return `${first}${over} ${nearest(rows)}`.trim();
  },
  draw(view, canvas) {
    const rows = explained(view);
    if (rows.length === 0) return null;
    const names = largestFirst(rows);
    const shown = names.slice(0, MOST_PARTS);
    const rest = names.slice(MOST_PARTS);
    const parts = [
      ...shown.map((name, index) => ({ name, colour: PART_COLOURS[index] ?? PART_COLOURS[0] })),
      ...(rest.length === 0 ? [] : [{ name: `${rest.length} smaller operations`, colour: MUTED }]),
    ];
    return drawStacked(
      rows.map((row) => {
        const sumOf = (some: readonly string[]) =>
          row.parts
            .filter((part) => some.includes(String(part.factors.primitive)))
            .reduce((sum, part) => sum + part.value, 0);
        const amounts = [...shown.map((name) => sumOf([name])), ...(rest.length === 0 ? [] : [sumOf(rest)])];
        const total = [...amounts, row.unexplained?.value ?? 0].reduce((sum, amount) => sum + amount, 0);
        const figures = row.unexplained ? [...row.parts, row.unexplained] : row.parts;
        const multiple = multipleOf(row.toPrimitive);
        return {
          label: row.arm,
          text: `${formatSum(total, figures, 'µs')}${multiple === null ? '' : ` · ${formatValue(multiple)}`}${plainMark(...figures)}`,
          amounts: [...amounts, row.unexplained?.value ?? 0],
          tips: [
            ...shown.map((name) =>
              tipOf(`${row.arm}, ${name}`, ...row.parts.filter(({ factors }) => factors.primitive === name)),
            ),
            ...(rest.length === 0 ? [] : [`${row.arm}, ${rest.length} smaller operations`]),
            row.unexplained === null ? '' : tipOf(`${row.arm}, unexplained`, row.unexplained),
          ],
        };
      }),
      [...parts, { name: 'unexplained', colour: NEUTRAL }],
      canvas,
      'CPU time beyond the baseline, µs per request',
    );
  },
};
