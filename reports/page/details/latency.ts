import type { Metric } from '../../../core/results/metrics.ts';
import { html, type SafeHtml } from '../../html.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

function byLoad(view: ReportView, metric: Metric): ArmFigure[] {
  return figuresOf(view.run, 'latency', metric)
    .filter(hasArm)
    .filter((figure) => factorNumber(figure, 'load_pct') !== null);
}

/** Whether each scheduled load was sent and answered; otherwise its latency means little. Null for no figures. */
export function latencyDetails(view: ReportView): SafeHtml | null {
  const asked = byLoad(view, 'asked_rate_rps');
  const inTime = byLoad(view, 'rate_in_time_pct');
  const unanswered = byLoad(view, 'unanswered_pct');
  const rows = view.arms.flatMap(({ name }) => {
    const own = [...asked, ...inTime, ...unanswered].filter(({ arm }) => arm === name);
    const loads = [...new Set(own.map((figure) => factorNumber(figure, 'load_pct') ?? 0))].sort((a, b) => a - b);
    return loads.map((load) => ({ name, load }));
  });
  if (rows.length === 0) return null;
  const cell = (figures: readonly ArmFigure[], { name, load }: (typeof rows)[number]) =>
    figureCell(
      figures.find((figure) => figure.arm === name && factorNumber(figure, 'load_pct') === load) ?? null,
      view.flags,
    );
  return html`<details><summary>Was the scheduled load sent and answered?</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Scheduled load by arm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">Load</th><th scope="col">Scheduled rate</th><th scope="col">Sent on time</th><th scope="col">Unanswered</th></tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr><th scope="row"><code>${row.name}</code></th><td>${row.load} %</td><td>${cell(asked, row)}</td><td>${cell(inTime, row)}</td><td>${cell(unanswered, row)}</td></tr>
`,
  )}</tbody>
</table></div></details>`;
}
