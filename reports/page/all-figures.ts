import { formatCount } from '../../core/text/format.ts';
import { html } from '../html.ts';
import { figureTable } from './figure-table.ts';
import type { Section } from './section.ts';

/** The figures that no chart shows; charts have their own tables. */
export const allFigures: Section = {
  id: 'figures',
  title: 'Other figures',
  render(view, charts) {
    if (view.whole.figures.length === 0) return null;
    const shown = new Set(charts.flatMap(({ figures }) => figures.map(keyOf)));
    const others = view.whole.figures.filter((figure) => !shown.has(keyOf(figure)));
    const tables = [...Map.groupBy(others, ({ experiment }) => experiment)].map(
      ([
        experiment,
        figures,
      ]) => html`<details><summary><code>${experiment}</code> <small>${formatCount(figures.length)} figures</small></summary>
${figureTable(figures, view, `Further figures of ${experiment}`)}</details>`,
    );
    return html`<p>Figures that no chart shows. <code>figures.csv</code> has every figure of the run, with all digits, its numbers of blocks and fresh starts, and its source.</p>${tables}`;
  },
};

type Key = Parameters<typeof figureTable>[0][number];

/** A chart may show a figure with inherited flags, so objects are not compared. */
function keyOf({ experiment, arm, metric, factors, source }: Key): string {
  return JSON.stringify([experiment, arm, metric, factors, source]);
}
