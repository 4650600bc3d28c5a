/** The cost of single operations, how much of each toll they explain, and CPU time by package. */
import { formatCount, formatFixed } from '../../../core/text/format.ts';
import { hang, wrap } from '../../../core/text/layout.ts';
import { figuresOf, hasArm, packageOf } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { cellColumn, figureColumn, indented, type Output, textColumn, titled } from './text.ts';

/** A terminal has space for a few; the report has all. */
const MOST_ROWS = 12;

const more = (count: number, what: string) =>
  count === 0 ? [] : [indented(`${formatCount(count)} more ${what}${count === 1 ? ' is' : 's are'} in the report.`)];

export function primitivesTable({ run, flags }: ReportView, output: Output): string[] {
  const alone = figuresOf(run, 'hot-path', 'primitive_us').toSorted((a, b) => b.value - a.value);
  if (alone.length === 0) return [];
  // The primitives of the measured arms, if they are known: the next table adds them up.
  const parts = new Set(figuresOf(run, 'hot-path', 'toll_explained_us').map(({ factors }) => factors.primitive));
  const used = alone.filter(({ factors }) => parts.has(factors.primitive));
  const shown = (used.length > 0 ? used : alone).slice(0, MOST_ROWS);
  const beside = (metric: 'primitive_cpu_us' | 'primitive_in_place_us') => {
    const figures = figuresOf(run, 'hot-path', metric);
    return shown.map((one) => figures.find(({ factors }) => factors.primitive === one.factors.primitive) ?? null);
  };
  const lines = titled(
    'Operations timed in isolation, slowest first (experiment hot-path)',
    textColumn(
      'Operation',
      shown.map(({ factors }) => String(factors.primitive)),
    ),
    [
      figureColumn('Wall-clock time', shown, flags),
      figureColumn('CPU time', beside('primitive_cpu_us'), flags),
      figureColumn('CPU time in a server', beside('primitive_in_place_us'), flags),
    ],
    output,
  );
  const helpers =
    'CPU time may exceed wall-clock time: it includes the runtime’s helper threads, such as the JIT compiler.';
  return [
    ...lines,
    ...more(alone.length - shown.length, 'operation'),
    ...wrap(helpers, output.width - 2).map(indented),
  ];
}

/**
 * The toll divided by the scheme's core operation, and by all its operations; ratios that were not measured are absent.
 */
const RATIOS = [
  ['toll_to_primitive_ratio', 'Toll ÷ core operation'],
  ['toll_to_primitive_in_place_ratio', 'Toll ÷ the same in a server'],
  ['toll_to_parts_in_place_ratio', 'Toll ÷ all operations in a server'],
] as const;

export function explainedTable({ run, flags }: ReportView, output: Output): string[] {
  const rest = figuresOf(run, 'hot-path', 'toll_unexplained_us').filter(hasArm);
  if (rest.length === 0) return [];
  const parts = figuresOf(run, 'hot-path', 'toll_explained_us');
  const rows = rest.map((unexplained) => ({
    unexplained,
    arm: unexplained.arm,
    parts: parts.filter(({ arm }) => arm === unexplained.arm),
  }));
  const sum = (figures: readonly { readonly value: number }[]) =>
    figures.reduce((total, { value }) => total + value, 0);
  const ratiosShown = figuresOf(run, 'hot-path', RATIOS[0][0]).length > 0;
  const lines = titled(
    'How much of each toll these operations explain, CPU time in µs (experiment hot-path)',
    textColumn(
      'Arm',
      rows.map(({ arm }) => arm),
    ),
    [
      cellColumn(
        'Sum of operations',
        rows.map((row) => ({ number: formatFixed(sum(row.parts), 1), rest: '' })),
      ),
      figureColumn('Rest of the toll', rest, flags, 'title'),
      ...RATIOS.map(([metric, head]) => {
        const ratios = figuresOf(run, 'hot-path', metric);
        return figureColumn(
          head,
          rows.map(({ arm }) => ratios.find((ratio) => ratio.arm === arm) ?? null),
          flags,
          'title',
        );
      }),
    ],
    output,
  );
  const names = rows.flatMap((row) =>
    hang(`${row.arm}: `, row.parts.map(({ factors }) => factors.primitive).join(' + '), output.width - 2),
  );
  const notes = [
    'A negative rest means that the operations cost more in isolation than inside the server.',
    ...(ratiosShown ? ['Core operation: the one lookup or verification that the arm cannot avoid.'] : []),
  ].flatMap((note) => wrap(note, output.width - 2));
  return [
    ...lines,
    ...notes.map(indented),
    '',
    ...[output.paint('dim', 'Operations of each arm'), ...names].map(indented),
  ];
}

/** Packages in rows, arms in columns: µs of CPU per request, and in brackets the difference from the baseline. */
export function profileTable({ run }: ReportView, output: Output): string[] {
  const costs = figuresOf(run, 'hot-path', 'profile_us').filter(hasArm);
  if (costs.length === 0) return [];
  const tolls = figuresOf(run, 'hot-path', 'profile_toll_us');
  const overheads = figuresOf(run, 'hot-path', 'profiler_overhead_pct');
  const arms = [...new Set(costs.map(({ arm }) => arm))];
  const largestFirst = [...Map.groupBy(costs, packageOf)]
    .map(([name, figures]) => ({ name, us: Math.max(...figures.map(({ value }) => value)) }))
    .sort((a, b) => b.us - a.us)
    .map(({ name }) => name);
  const shown = largestFirst.slice(0, MOST_ROWS);
  const others = largestFirst.slice(MOST_ROWS);
  const columns = arms.map((arm) => {
    const own = costs.filter((cost) => cost.arm === arm);
    const sum = (names: readonly string[]) =>
      own.filter((cost) => names.includes(packageOf(cost))).reduce((total, { value }) => total + value, 0);
    const cell = (name: string) => {
      const cost = own.find((one) => packageOf(one) === name);
      const toll = tolls.find((one) => one.arm === arm && packageOf(one) === name);
      if (cost === undefined) return { number: '', rest: '' };
      const signed = toll === undefined ? '' : `(${toll.value < 0 ? '' : '+'}${formatFixed(toll.value, 1)})`;
      return { number: formatFixed(cost.value, 1), rest: signed };
    };
    const overhead = overheads.find((one) => one.arm === arm);
    return cellColumn(arm, [
      ...shown.map(cell),
      ...(others.length === 0 ? [] : [{ number: formatFixed(sum(others), 1), rest: '' }]),
      { number: formatFixed(sum(largestFirst), 1), rest: '' },
      { number: overhead === undefined ? '' : `${formatFixed(overhead.value, 0)} %`, rest: '' },
    ]);
  });
  const names = [
    ...shown,
    ...(others.length === 0 ? [] : [`${others.length} smaller packages`]),
    'sum',
    'added by the profiler, not included',
  ];
  const title = 'CPU profile: µs per request by package (in brackets: beyond the baseline)';
  return titled(title, textColumn('Package', names), columns, output);
}
