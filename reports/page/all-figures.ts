import { METRICS } from '../../core/results/metrics.ts';
import { formatCount, formatFactors } from '../../core/text/format.ts';
import { html } from '../html.ts';
import { figureCell } from './figure.ts';
import type { Section } from './section.ts';

export const allFigures: Section = {
  id: 'figures',
  title: 'All figures',
  render({ whole, flags }) {
    if (whole.figures.length === 0) return null;
    const tables = [...Map.groupBy(whole.figures, (figure) => figure.experiment)].map(
      ([
        experiment,
        figures,
      ]) => html`<details><summary><code>${experiment}</code> <small>${formatCount(figures.length)} figures</small></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Figures of ${experiment}"><table>
<thead><tr><th scope="col">Arm</th><th scope="col" class="text">Factors</th><th scope="col" class="text">Metric</th><th scope="col">Value</th><th scope="col">Blocks</th><th scope="col">Fresh starts</th><th scope="col" class="text">Source</th></tr></thead>
<tbody>${figures.map(
        (
          figure,
        ) => html`<tr><th scope="row">${figure.arm === null ? '—' : html`<code>${figure.arm}</code>`}</th><td class="text">${formatFactors(figure.factors)}</td><td class="text"><span title="${METRICS[figure.metric].meaning}">${figure.metric}</span></td><td>${figureCell(figure, flags)}</td><td>${figure.blocks}</td><td>${figure.forks}</td><td class="text">${figure.source}</td></tr>
`,
      )}</tbody>
</table></div></details>`,
    );
    return html`<p>Every figure of the run. <code>figures.csv</code> has the same table with all digits.</p>${tables}`;
  },
};
