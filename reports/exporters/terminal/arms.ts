/** The cost of a request for each arm, and how throughput grows with replicas. */
import type { Figure } from '../../../core/results/schema.ts';
import { formatValue, THIN } from '../../../core/text/format.ts';
import { hang, wrap } from '../../../core/text/layout.ts';
import { ARM_COLUMNS, type ArmColumn, PLACE_HEAD, RESPONSE_HEAD } from '../../view/columns.ts';
import { tollFigures } from '../../view/figures.ts';
import { isPlain, scaleFigures } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import { withRoom } from './room.ts';
import { figureColumn, fitted, indented, type Output, textColumn, titled } from './text.ts';

/** The common value of all figures, if it is counted and unflagged; null if they differ. */
function onlyValue(figures: readonly (Figure | null)[]): string | null {
  const [first] = figures;
  if (first === null || first === undefined || first.low !== first.high) return null;
  const same = figures.every((one) => one?.value === first.value && one.low === one.high && one.flags.length === 0);
  return same ? formatValue(first) : null;
}

/** The cold-start cost when other processes used the server's core; empty for older results. */
function coldSentence({ run }: ReportView): string[] {
  const figures = tollFigures(run, 'cold_turn_us');
  if (figures.length === 0) return [];
  const known = figures.filter(({ low }) => low > 0).toSorted((a, b) => a.value - b.value);
  const [least, most] = [known[0], known.at(-1)];
  if (least === undefined || most === undefined) {
    return ['The one-time cost of returning to a cold cache is unknown: the intervals contain 0.'];
  }
  const of = (figure: typeof least) => `${formatValue(figure)} (${figure.arm})`;
  const range = least === most ? of(least) : `from ${of(least)} to ${of(most)}`;
  return [`Returning to a cold cache adds a one-time cost to the above: ${range}.`];
}

/** The table of arms, cheapest first, with their titles. */
export function armsTable(view: ReportView, output: Output): string[] {
  const { decisions, ranking, flags } = view;
  if (decisions.length === 0) return [];
  const names = textColumn(
    'Arm',
    decisions.map(({ arm }) => arm.name),
  );
  const places =
    ranking === null
      ? []
      : [
          textColumn(
            PLACE_HEAD,
            decisions.map(({ place }) => place),
          ),
        ];
  const columns = ARM_COLUMNS.map(({ head, field }) => ({
    column: figureColumn(
      head,
      decisions.map((row) => row[field]),
      flags,
    ),
    only: head === RESPONSE_HEAD ? onlyValue(decisions.map(({ responseBytes }) => responseBytes)) : null,
  }));
  const shown = columns.filter(({ only }) => only === null).map(({ column }) => column);
  const alike = columns.flatMap(({ only }) => only ?? []);
  return [
    ...titled(
      'Cost of one authenticated request, cheapest first (experiment toll)',
      names,
      [...places, ...shown],
      output,
    ),
    ...alike.map((value) => indented(`Every response is ${value} long.`)),
    ...coldSentence(view).flatMap((sentence) => wrap(sentence, output.width - 2).map(indented)),
    '',
    ...[
      output.paint('dim', 'What the arms are'),
      ...decisions.flatMap(({ arm }) => hang(`${arm.name}: `, arm.title, output.width - 2)),
    ].map(indented),
  ];
}

/** Columns by importance, used if not all fit. */
const BY_WORTH: readonly ArmColumn['field'][] = [
  'total',
  'ratio',
  'requestBytes',
  'redisCommands',
  'redisCpu',
  'cpu',
  'toll',
];

/**
 * The table as one block, without its other parts.
 * @param most the largest number of rows
 */
export function briefArmsTable(view: ReportView, output: Output, most: number): string[] {
  const { ranking, flags, baseline } = view;
  const { kept: decisions, rest } = withRoom(view.decisions, ({ arm }) => arm.name, view, most);
  if (decisions.length === 0) return [];
  const columns = BY_WORTH.flatMap((field) => {
    const column = ARM_COLUMNS.find((one) => one.field === field);
    const figures = decisions.map((row) => row[field]);
    return column === undefined || figures.every((figure) => figure === null)
      ? []
      : [figureColumn(column.head, figures, flags)];
  });
  const place = textColumn(
    PLACE_HEAD,
    decisions.map((row) => row.place),
  );
  const [cost, ratio, ...others] = columns;
  const byWorth = [cost, ratio, ...(ranking === null ? [] : [place]), ...others].filter((one) => one !== undefined);
  const names = decisions.map(({ arm }) => arm.name);
  const scope = baseline === null ? '' : `; baseline: ${baseline.name}`;
  const title = `Cost of one request, cheapest first${scope}`;
  const lines = fitted(title, textColumn('Arm', names), byWorth, output, (column) =>
    column === place ? -1 : byWorth.indexOf(column),
  );
  return [...lines, ...rest.map((more) => indented(`${more} in the report`))];
}

/** Throughput by number of replicas, for fleets that are otherwise equal. */
export function scaleTable(view: ReportView, output: Output): string[] {
  const figures = scaleFigures(view.run, 'throughput_rps').filter(isPlain);
  if (figures.length === 0) return [];
  const counts = [...new Set(figures.map(({ factors }) => Number(factors.replicas)))].sort((a, b) => a - b);
  const arms = [...new Set(figures.map(({ arm }) => arm))];
  const columns = counts.map((count) =>
    figureColumn(
      `${count}${THIN}${count === 1 ? 'replica' : 'replicas'}`,
      arms.map((arm) => figures.find((one) => one.arm === arm && one.factors.replicas === count) ?? null),
      view.flags,
      'title',
    ),
  );
  const title = 'Requests per second at full load, by number of replicas (experiment scale)';
  const limited = /^scale: (each replica is limited to .*)$/;
  const limits = view.run.notes.flatMap((note) => limited.exec(note)?.[1] ?? []);
  const explained = limits.flatMap((limit) =>
    wrap(
      `Here ${limit}, so that several replicas on this machine behave like replicas on several machines. Compare numbers of replicas; the rates do not follow from the costs above.`,
      output.width - 2,
    ),
  );
  return [...titled(title, textColumn('Arm', arms), columns, output), ...explained.map(indented)];
}
