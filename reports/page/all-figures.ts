import { formatCount } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import { figureTable } from './figure-table.ts';
import { packed } from './packed.ts';
import type { Section } from './section.ts';

/** If the tables have more characters than this, as in a full run, they are compressed until they are opened. */
const MOST_OPEN = 100_000;

interface Table {
  readonly experiment: string;
  readonly count: number;
  readonly markup: SafeHtml;
}

const details = ({ experiment, count }: Table, content: SafeHtml) =>
  html`<details><summary><code>${experiment}</code> <small>${formatCount(count)} figures</small></summary>
${content}</details>`;

const whole = (tables: readonly Table[]) => html`${tables.map((table) => details(table, table.markup))}`;

/** Scripts insert each table; without scripts, `figures.csv` has the same figures. */
function compressed(tables: readonly Table[]): SafeHtml {
  const held = Object.fromEntries(tables.map(({ experiment, markup }) => [experiment, markup.markup]));
  const places = tables.map((table) =>
    details(
      table,
      html`<div data-table="${table.experiment}"><p class="note">This table is shown where scripts run; otherwise, see <code>figures.csv</code>.</p></div>`,
    ),
  );
  return html`${places}${packed('other-figures', held)}`;
}

/** The figures that no chart shows; charts have their own tables. */
export const allFigures: Section = {
  id: 'figures',
  title: 'Other figures',
  render(view, charts) {
    if (view.whole.figures.length === 0) return null;
    const shown = new Set(charts.flatMap(({ figures }) => figures.map(keyOf)));
    const others = view.whole.figures.filter((figure) => !shown.has(keyOf(figure)));
    const tables = [...Map.groupBy(others, ({ experiment }) => experiment)].map(([experiment, figures]) => ({
      experiment,
      count: figures.length,
      markup: figureTable(figures, view, `Further figures of ${experiment}`),
    }));
    const length = tables.reduce((sum, { markup }) => sum + markup.markup.length, 0);
    return html`<p>Figures that no chart shows. <code>figures.csv</code> has every figure of the run, with all digits, its numbers of blocks and fresh starts, and its source.</p>${length > MOST_OPEN && charts.length > 0 ? compressed(tables) : whole(tables)}`;
  },
};

type Key = Parameters<typeof figureTable>[0][number];

/** A chart may show a figure with inherited flags, so objects are not compared. */
function keyOf({ experiment, arm, metric, factors, source }: Key): string {
  return JSON.stringify([experiment, arm, metric, factors, source]);
}
