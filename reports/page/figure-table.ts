/** Figures as a compact table: arms in columns if they have several levels of a factor, otherwise metrics. */
import { METRICS } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import { letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import { formatEstimate, formatParts } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import type { ArmView, ReportView } from '../view/view.ts';

/** One level of a factor: `load pct 70`. */
const levelText = ([name, level]: readonly [string, string | number]) => `${name.replaceAll('_', ' ')} ${level}`;

/** `replicas 4, quantile p99` */
function factorText({ factors, source }: Figure): string {
  const levels = Object.entries(factors).map(levelText);
  return [...levels, ...(source === 'model' ? ['from a model'] : [])].join(', ');
}

/** The levels common to all figures, if there are several rows: they are stated once for the part. */
function sharedLevels(figures: readonly Figure[]): ReadonlySet<string> {
  const [first, ...others] = figures;
  const isOneRow = others.every((figure) => first !== undefined && factorText(figure) === factorText(first));
  const levels = first === undefined || isOneRow ? [] : Object.entries(first.factors);
  return new Set(
    levels.flatMap(([name, level]) => (others.every(({ factors }) => factors[name] === level) ? [name] : [])),
  );
}

function withoutShared(figure: Figure, shared: ReadonlySet<string>): string {
  const own = Object.entries(figure.factors).filter(([name]) => !shared.has(name));
  return factorText({ ...figure, factors: Object.fromEntries(own) });
}

/** Figures of one metric with their common unit, which is in the head instead of each cell. */
class Column {
  /** What is measured, and its unit. */
  readonly head: string;
  readonly #unit: string | null;

  constructor(figures: readonly Figure[]) {
    const units = new Set(figures.map((figure) => formatParts(figure).unit));
    const [unit = ''] = units;
    // A multiple is written against its number, and a count of commands has no unit.
    this.#unit = units.size > 1 || ['', '×', 'commands'].includes(unit) ? null : unit;
    const [first] = figures;
    const meaning = first === undefined ? '' : METRICS[first.metric].meaning;
    this.head = this.#unit === null ? meaning : `${meaning}, ${this.#unit}`;
  }

  cell(figure: Figure | undefined, flags: readonly MarkedFlag[]): SafeHtml {
    if (figure === undefined) return html`<td></td>`;
    const marks = letterMarks([figure], flags);
    return html`<td>${this.#text(figure)}${marks === '' ? null : ` ${marks}`}</td>`;
  }

  #text(figure: Figure): string {
    if (this.#unit === null) return formatEstimate(figure);
    const { number, range } = formatParts(figure);
    return range === null ? number : `${number} [${range}]`;
  }
}

const armHead = (name: string | null) => html`<code>${name ?? '—'}</code>`;

/** Rows of arms, columns of metrics: for figures with one value per arm. */
function byMetric(
  figures: readonly Figure[],
  arms: readonly (string | null)[],
  flags: readonly MarkedFlag[],
): SafeHtml {
  const groups = [...Map.groupBy(figures, (figure) => `${figure.metric}\n${factorText(figure)}`).values()];
  const columns = groups.map((own) => {
    const [first] = own;
    return { own, column: new Column(own), factors: first === undefined ? '' : factorText(first) };
  });
  return html`<thead><tr><th scope="col">Arm</th>${columns.map(({ column, factors }) => html`<th scope="col">${column.head}${factors === '' ? null : html` <small>${factors}</small>`}</th>`)}</tr></thead>
<tbody>${arms.map(
    (arm) => html`<tr><th scope="row">${armHead(arm)}</th>${columns.map(({ own, column }) =>
      column.cell(
        own.find((figure) => figure.arm === arm),
        flags,
      ),
    )}</tr>
`,
  )}</tbody>`;
}

/** Rows of one metric, and their arms. */
interface Part {
  readonly arms: readonly (string | null)[];
  readonly figures: readonly Figure[];
}

/** The least number of empty cells that a separate part must save to be worth its own header. */
const LEAST_SAVED = 100;
/**
 * With more kinds of rows than this they are pairs of arms: each row is about other arms, and a table for each would
 * be less clear.
 */
const MOST_PARTS = 12;

/** The rows of a metric, grouped by their arms if most rows have few. */
function partsOf(figures: readonly Figure[], all: readonly ArmView[]): Part[] {
  const rows = [...Map.groupBy(figures, factorText).values()].map((row) => ({ row, arms: armsOf(row, all) }));
  const parts = [...Map.groupBy(rows, ({ arms }) => JSON.stringify(arms)).values()];
  const arms = armsOf(figures, all);
  const saved = rows.reduce((sum, row) => sum + arms.length - row.arms.length, 0);
  if (saved < LEAST_SAVED * (parts.length - 1) || parts.length > MOST_PARTS) return [{ arms, figures }];
  return parts.map((part) => ({ arms: part[0]?.arms ?? [], figures: part.flatMap(({ row }) => row) }));
}

interface SameArms {
  readonly arms: readonly (string | null)[];
  readonly parts: readonly Part[];
}

/** Figures of the same arms, so that few cells of their table are empty. */
function sameArms(figures: readonly Figure[], all: readonly ArmView[]): SameArms[] {
  const parts = [...Map.groupBy(figures, ({ metric }) => metric).values()].flatMap((own) => partsOf(own, all));
  return [...Map.groupBy(parts, ({ arms }) => JSON.stringify(arms)).values()].map((group) => ({
    arms: group[0]?.arms ?? [],
    parts: group,
  }));
}

/** Rows of factors, columns of arms; one part for each metric. */
function byArm({ arms, parts }: SameArms, flags: readonly MarkedFlag[]): SafeHtml {
  return html`<thead><tr><th scope="col" class="text">Factors</th>${arms.map((arm) => html`<th scope="col">${armHead(arm)}</th>`)}</tr></thead>
${parts.map(({ figures: own }) => {
  const column = new Column(own);
  const shared = sharedLevels(own);
  const [first] = own;
  const levels = first === undefined ? [] : Object.entries(first.factors).filter(([name]) => shared.has(name));
  const rows = [...Map.groupBy(own, (figure) => withoutShared(figure, shared))].map(
    ([factors, row]) => html`<tr><th>${factors}</th>${arms.map((arm) =>
      column.cell(
        row.find((figure) => figure.arm === arm),
        flags,
      ),
    )}</tr>
`,
  );
  return html`<tbody><tr><th scope="rowgroup" colspan="${arms.length + 1}" class="text"><em>${column.head}</em>${levels.length === 0 ? null : html` <small>${levels.map(levelText).join(', ')}</small>`}</th></tr>${rows}</tbody>`;
})}`;
}

/** Arms in the order of the run; figures without an arm come last. */
function armsOf(figures: readonly Figure[], all: readonly ArmView[]): (string | null)[] {
  const named = all.map(({ name }) => name).filter((name) => figures.some(({ arm }) => arm === name));
  return figures.some(({ arm }) => arm === null) ? [...named, null] : named;
}

/** @param label the accessible name of the region */
export function figureTable(
  figures: readonly Figure[],
  { arms: all, flags }: Pick<ReportView, 'arms' | 'flags'>,
  label: string,
): SafeHtml {
  const columns = new Set(figures.map((figure) => `${figure.metric}\n${factorText(figure)}`)).size;
  const bodies =
    columns <= 6
      ? [byMetric(figures, armsOf(figures, all), flags)]
      : sameArms(figures, all).map((group) => byArm(group, flags));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${bodies.map((body) => html`<table class="figures">${body}</table>`)}</div>`;
}
