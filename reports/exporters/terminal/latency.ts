/** Latency by arm and load, in milliseconds, next to the machine's own lateness, which is its lower bound. */
import type { Figure } from '../../../core/results/schema.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureColumn, type Output, textColumn, titled } from './text.ts';

const COLUMNS = [
  { head: 'p50', metric: 'latency_us', factors: { timing: 'corrected', quantile: 'p50' } },
  { head: 'p99', metric: 'latency_us', factors: { timing: 'corrected', quantile: 'p99' } },
  { head: 'p99.9', metric: 'latency_us', factors: { timing: 'corrected', quantile: 'p99.9' } },
  { head: 'p99 since sent', metric: 'latency_us', factors: { timing: 'service', quantile: 'p99' } },
  { head: 'Machine p99', metric: 'machine_lateness_us', factors: { quantile: 'p99' } },
] as const;

export function inMilliseconds<Of extends Figure>({ value, low, high, ...figure }: Of) {
  return { ...figure, unit: 'ms', value: value / 1000, low: low / 1000, high: high / 1000 };
}

export function latencyTable(view: ReportView, output: Output): string[] {
  const measured = figuresOf(view.run, 'latency', 'latency_us').filter(hasArm);
  const rows = [...Map.groupBy(measured, ({ arm }) => arm)].flatMap(([arm, figures]) =>
    [...new Set(figures.map(({ factors }) => Number(factors.load_pct)))]
      .sort((a, b) => a - b)
      .map((load) => ({ arm, load })),
  );
  if (rows.length === 0) return [];
  const longest = Math.max(...rows.map(({ arm }) => arm.length));
  const names = rows.map(({ arm, load }) => `${arm.padEnd(longest)}  ${load} %`);
  const columns = COLUMNS.map(({ head, metric, factors }) => {
    const all = figuresOf(view.run, 'latency', metric).filter((figure) =>
      Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
    );
    const at = ({ arm, load }: (typeof rows)[number]) =>
      all.find((figure) => figure.arm === arm && figure.factors.load_pct === load);
    const figures = rows.map((row) => {
      const found = at(row);
      return found === undefined ? null : inMilliseconds(found);
    });
    return figureColumn(head, figures, view.flags, 'title');
  });
  const title = 'Latency in ms since a request was due, by load in % of the arm’s own capacity';
  return titled(title, textColumn('Arm, load', names), columns, output);
}
