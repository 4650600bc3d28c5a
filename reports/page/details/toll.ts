import { METRICS } from '../../../core/results/metrics.ts';
import { html, type SafeHtml } from '../../html.ts';
import { tollFigures } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';
import { term } from '../words/term.ts';

/** The cold-start cost of a server, separate from the cost of a request to a busy one. Null for older results. */
export function tollDetails(view: ReportView): SafeHtml | null {
  const figures = tollFigures(view.run, 'cold_turn_us');
  if (figures.length === 0) return null;
  const rows = view.arms.flatMap(({ name }) => figures.find(({ arm }) => arm === name) ?? []);
  return html`<details><summary>What does a cold cache cost?</summary>
<p>The costs per request above are those of a busy server. A server whose core did other work in the meantime pays this once, on its first request, because its data is no longer in the caches.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Cost of a cold cache, by arm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">${term('cold-turn', 'CPU time, once', METRICS.cold_turn_us.meaning)}</th></tr></thead>
<tbody>${rows.map(
    (figure) => html`<tr><th scope="row"><code>${figure.arm}</code></th><td>${figureCell(figure, view.flags)}</td></tr>
`,
  )}</tbody>
</table></div></details>`;
}
