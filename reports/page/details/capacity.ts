import { html, type SafeHtml } from '../../html.ts';
import { capacityAnswers, objectiveOfRun } from '../../view/capacity.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** The load that meets the objective, and what broke first beyond it. Null for no figures. */
export function capacityDetails(view: ReportView): SafeHtml | null {
  const answers = capacityAnswers(view);
  if (answers.length === 0) return null;
  return html`<p>Load with ${objectiveOfRun(view)}. The peak leaves no headroom; plan with the recommended rate.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Load that meets the objective, by arm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">Replicas</th><th scope="col">Recommended</th><th scope="col">Peak</th><th scope="col">Per busy core</th><th scope="col">By the model</th><th scope="col" class="said">What broke first</th></tr></thead>
<tbody>${answers.map(
    ({ arm, replicas, recommended, peak, perCore, model, brokeFirst, remark }) =>
      html`<tr><th scope="row"><code>${arm}</code></th><td>${replicas}</td><td>${figureCell(recommended, view.flags)}</td><td>${figureCell(peak, view.flags)}</td><td>${figureCell(perCore, view.flags)}</td><td>${figureCell(model, view.flags)}</td><td class="said">${[brokeFirst, remark === '' ? null : remark].filter((text) => text !== null).join('; ')}</td></tr>
`,
  )}</tbody>
</table></div>`;
}
