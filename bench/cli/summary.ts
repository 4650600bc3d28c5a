/** The end of a run in a few lines: the headline figures, their intervals, and what stands against them. Pure. */
import { FLAGS } from '../results/flags.ts';
import type { Metric } from '../results/metrics.ts';
import type { Figure, Run } from '../results/schema.ts';

/** Digits that the interval's width justifies: never more than it can bear. */
export function digits(value: number, low: number, high: number): number {
  const width = Math.max(high - low, Math.abs(value) * 1e-4);
  return Math.min(3, Math.max(0, 1 - Math.floor(Math.log10(width))));
}

export function withInterval({ value, low, high }: Pick<Figure, 'value' | 'low' | 'high'>): string {
  if (low === high) return String(Number(value.toPrecision(6)));
  const places = digits(value, low, high);
  return `${value.toFixed(places)} [${low.toFixed(places)}–${high.toFixed(places)}]`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

/** In-flight requests of the headline toll: as many as the quick profile uses. */
const HEADLINE_IN_FLIGHT = 10;

class Lookup {
  readonly #figures: readonly Figure[];

  constructor(figures: readonly Figure[]) {
    this.#figures = figures;
  }

  text(metric: Metric, arm: string, factors: Figure['factors'], bare = false): string {
    const found = this.#figures.find(
      (figure) =>
        figure.metric === metric &&
        figure.arm === arm &&
        Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
    );
    if (!found) return '';
    const marks = found.flags.length > 0 ? ' *' : '';
    return (bare ? String(Number(found.value.toPrecision(3))) : withInterval(found)) + marks;
  }
}

function tollTable(run: Run): string[] {
  const figures = run.figures.filter(({ experiment }) => experiment === 'toll');
  const arms = [...new Set(figures.map(({ arm }) => arm ?? ''))];
  if (arms.length === 0) return [];
  const lookup = new Lookup(figures);
  const factors = { in_flight: HEADLINE_IN_FLIGHT };
  return [
    'Toll: CPU per authenticated request, 95 % intervals',
    ...table([
      ['arm', 'CPU µs', '× baseline', 'toll µs', 'Redis µs', 'Redis commands', 'bytes out', 'bytes in'],
      ...arms.map((arm) => [
        arm,
        lookup.text('cpu_us_per_request', arm, factors),
        lookup.text('cpu_ratio_to_baseline', arm, factors),
        lookup.text('cpu_toll_us', arm, factors),
        lookup.text('redis_cpu_us_per_request', arm, factors),
        lookup.text('redis_commands_per_request', arm, factors, true),
        lookup.text('request_bytes', arm, factors, true),
        lookup.text('response_bytes', arm, factors, true),
      ]),
    ]).map((line) => `  ${line}`),
  ];
}

function scaleTable(run: Run): string[] {
  const figures = run.figures.filter(({ experiment, metric }) => experiment === 'scale' && metric === 'throughput_rps');
  if (figures.length === 0) return [];
  const counts = [...new Set(figures.map(({ factors }) => Number(factors.replicas)))].sort((a, b) => a - b);
  const lookup = new Lookup(figures);
  return [
    'Scale: requests per second on N replicas, 95 % intervals',
    ...table([
      ['arm', ...counts.map((count) => `${count}`)],
      ...[...new Set(figures.map(({ arm }) => arm ?? ''))].map((arm) => [
        arm,
        ...counts.map((replicas) => lookup.text('throughput_rps', arm, { replicas })),
      ]),
    ]).map((line) => `  ${line}`),
  ];
}

function aaLine(run: Run): string[] {
  const found = run.figures.find(
    ({ arm, metric, factors }) =>
      arm === 'none-aa' && metric === 'cpu_ratio_to_baseline' && factors.in_flight === HEADLINE_IN_FLIGHT,
  );
  if (!found) return [];
  const holds = found.low <= 1 && 1 <= found.high;
  return [
    `A/A: the second, identical baseline costs ${withInterval(found)} × the first; the interval ${holds ? 'holds' : 'does NOT hold'} 1.`,
  ];
}

/** @param directory as the user would type it */
export function summary(run: Run, directory: string): string {
  const blocks = [tollTable(run), scaleTable(run), aaLine(run)].filter((lines) => lines.length > 0);
  const flags = run.flags.map((flag) => `* ${FLAGS[flag].title}: ${FLAGS[flag].advice}`);
  if (flags.length > 0) blocks.push(flags);
  const failures = run.experiments.flatMap(({ name, error }) => (error === null ? [] : [`${name} failed: ${error}`]));
  if (failures.length > 0) blocks.push(failures);
  blocks.push([`Results: ${directory} (report.html, summary.md, figures.csv, charts/, run.json)`]);
  return `\n${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
