import type { Metric } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import { plainMark } from '../../core/text/flags.ts';
import { formatSum } from '../../core/text/format.ts';
import { compareSentence } from '../../core/text/sentences.ts';
import { type ArmFigure, figuresOf, hasArm } from '../view/figures.ts';
import { PART_COLOURS } from '../view/palette.ts';
import type { ReportView } from '../view/view.ts';
import type { Chart } from './shapes/chart.ts';
import { drawStacked } from './shapes/stacked.ts';
import { tipOf } from './shapes/tip.ts';

export const OPERATIONS = ['login', 'refresh', 'logout'] as const;
export type Operation = (typeof OPERATIONS)[number];

const words = {
  least: 'uses the least CPU time',
  leastPlural: 'use the least CPU time',
  most: 'uses the most',
  mostPlural: 'use the most',
};

export function operationFigures(view: ReportView, metric: Metric, operation: Operation): ArmFigure[] {
  return figuresOf(view.run, 'lifecycle', metric)
    .filter(hasArm)
    .filter(({ factors }) => factors.operation === operation);
}

interface Row {
  readonly arm: string;
  /** Replica and Redis, for each operation that the arm has. */
  readonly parts: readonly (readonly Figure[])[];
}

function rowsOf(view: ReportView): Row[] {
  const rows = view.arms.map(({ name }) => ({
    arm: name,
    parts: OPERATIONS.map((operation) =>
      (['cpu_us_per_operation', 'redis_cpu_us_per_operation'] as const).flatMap((metric) =>
        operationFigures(view, metric, operation).filter(({ arm }) => arm === name),
      ),
    ),
  }));
  return rows.filter(({ parts }) => parts.some((figures) => figures.length > 0));
}

const sum = (figures: readonly Figure[]) => figures.reduce((total, { value }) => total + value, 0);

/** One login, one refresh where there is any, one logout. */
export const lifecycleChart: Chart = {
  id: 'lifecycle',
  title: 'Cost of one login, refresh and logout',
  experiment: 'lifecycle',
  note: 'CPU time of replica and Redis. Passwords are checked with a cheap setting: a recommended one costs tens of milliseconds in every arm, and is reported separately.',
  figures: (view) => rowsOf(view).flatMap(({ parts }) => parts.flat()),
  sentence(view) {
    const of = (operation: Operation) =>
      compareSentence(
        operationFigures(view, 'cpu_us_per_operation', operation)
          .filter(({ arm }) => arm !== view.baseline?.name)
          .map((figure) => ({ ...figure, name: figure.arm })),
        words,
      );
    const login = of('login');
    if (login === null) return 'Only the baseline was measured.';
    const logout = of('logout');
    return `CPU time in the replica. Login: ${login}.${logout === null ? '' : ` Logout: ${logout}.`}`;
  },
  draw(view, canvas) {
    const rows = rowsOf(view);
    if (rows.length === 0) return null;
    return drawStacked(
      rows.map(({ arm, parts }) => ({
        label: arm,
        text: `${formatSum(sum(parts.flat()), parts.flat(), 'µs')}${plainMark(...parts.flat())}`,
        amounts: parts.map(sum),
        tips: parts.map((figures, i) => tipOf(`${arm}, ${OPERATIONS[i]}, replica and Redis`, ...figures)),
      })),
      OPERATIONS.map((name, i) => ({ name, colour: PART_COLOURS[i] ?? PART_COLOURS[0] })),
      canvas,
      'CPU of replica and Redis, µs',
    );
  },
};
