/** A run's figures as tables for the terminal. Pure. */
import { HEADLINE_IN_FLIGHT } from '../core/model/demands.ts';
import type { Metric } from '../core/results/metrics.ts';
import type { Figure, Run } from '../core/results/schema.ts';

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

export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

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

export function tollTable(run: Run): string[] {
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

export function scaleTable(run: Run): string[] {
  const figures = run.figures.filter(
    ({ experiment, metric, factors }) =>
      experiment === 'scale' && metric === 'throughput_rps' && Object.keys(factors).join() === 'replicas',
  );
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

export function aaLine(run: Run): string[] {
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

export function primitivesTable(run: Run): string[] {
  const figures = run.figures.filter(({ experiment }) => experiment === 'hot-path');
  const wall = figures.filter(({ metric }) => metric === 'primitive_us');
  if (wall.length === 0) return [];
  const cpu = new Map(
    figures.filter(({ metric }) => metric === 'primitive_cpu_us').map((found) => [found.factors.primitive, found]),
  );
  const inPlace = new Map(
    figures.filter(({ metric }) => metric === 'primitive_in_place_us').map((found) => [found.factors.primitive, found]),
  );
  const rows = wall
    .toSorted((a, b) => b.value - a.value)
    .map(({ factors, ...found }) => {
      const others = [cpu, inPlace].map((by) => by.get(factors.primitive));
      return [
        String(factors.primitive),
        withInterval(found),
        ...others.map((other) => (other ? withInterval(other) : '')),
      ];
    });
  return [
    `Hot path: one operation alone${inPlace.size > 0 ? ', and what it adds to a request in a server' : ''}, 95 % intervals`,
    ...table([['primitive', 'µs', 'CPU µs', inPlace.size > 0 ? 'CPU µs in a server' : ''], ...rows]).map(
      (line) => `  ${line.trimEnd()}`,
    ),
  ];
}

/** A toll over what the scheme cannot do without, and over all that its arm is made of; those that were not measured are left out. */
const OVER_PARTS = [
  ['toll_to_primitive_ratio', 'toll ÷ primitive'],
  ['toll_to_primitive_in_place_ratio', '÷ it in a server'],
  ['toll_to_parts_in_place_ratio', '÷ all parts there'],
] as const;

/** How much of each arm's toll its primitives account for. */
export function explainedLines(run: Run): string[] {
  const rest = run.figures.filter(({ metric }) => metric === 'toll_unexplained_us');
  if (rest.length === 0) return [];
  const columns = OVER_PARTS.filter(([name]) => run.figures.some(({ metric }) => metric === name));
  const rows = rest.map((unexplained) => {
    const parts = run.figures.filter(({ metric, arm }) => metric === 'toll_explained_us' && arm === unexplained.arm);
    const sum = parts.reduce((total, { value }) => total + value, 0);
    const ratios = columns.map(([name]) =>
      run.figures.find(({ metric, arm }) => metric === name && arm === unexplained.arm),
    );
    return [
      unexplained.arm ?? '',
      sum.toFixed(1),
      withInterval(unexplained),
      ...ratios.map((ratio) => (ratio ? withInterval(ratio) : '')),
      parts.map(({ factors }) => factors.primitive).join(' + '),
    ];
  });
  return [
    'Toll explained by its parts, CPU µs',
    ...table([['arm', 'parts', 'rest', ...columns.map(([, title]) => title), ''], ...rows]).map(
      (line) => `  ${line.trimEnd()}`,
    ),
  ];
}

/** Milliseconds, as users count; the machine's own lateness beside them, since no scheme can be quicker than that. */
export function latencyTable(run: Run): string[] {
  const figures = run.figures.filter(({ experiment }) => experiment === 'latency').map(inMilliseconds);
  const measured = figures.filter(({ metric }) => metric === 'latency_us');
  if (measured.length === 0) return [];
  const lookup = new Lookup(figures);
  const rows = [...new Set(measured.map(({ arm }) => arm ?? ''))].flatMap((arm) => {
    const loads = measured.filter((figure) => figure.arm === arm).map(({ factors }) => Number(factors.load_pct));
    return [...new Set(loads)]
      .sort((a, b) => a - b)
      .map((load_pct) => {
        const at = (timing: string, quantile: string) => lookup.text('latency_us', arm, { load_pct, timing, quantile });
        return [
          arm,
          `${load_pct} %`,
          at('corrected', 'p50'),
          at('corrected', 'p99'),
          at('corrected', 'p99.9'),
          at('service', 'p99'),
          lookup.text('machine_lateness_us', arm, { load_pct, quantile: 'p99' }, true),
        ];
      });
  });
  return [
    'Latency in ms, from when a request was due, at a share of the arm’s own capacity, 95 % intervals',
    ...table([['arm', 'load', 'p50', 'p99', 'p99.9', 'p99 from sending', 'machine p99'], ...rows]).map(
      (line) => `  ${line}`,
    ),
  ];
}

/** Only figures in µs are changed. */
function inMilliseconds(figure: Figure): Figure {
  if (figure.unit !== 'µs') return figure;
  const { value, low, high } = figure;
  return { ...figure, unit: 'ms', value: value / 1000, low: low / 1000, high: high / 1000 };
}
