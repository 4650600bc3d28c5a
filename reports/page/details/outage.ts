import { FAULTS, ofVariant, outageFigures, variants } from '../../charts/outage/figures.ts';
import { html, type SafeHtml } from '../../html.ts';
import { OUTAGE_COLUMNS } from '../../view/columns.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** A table for each fault. Null for no figures. */
export function outageDetails(view: ReportView): SafeHtml | null {
  const names = variants(view).map(({ name }) => name);
  const tables = FAULTS.flatMap(({ name: fault, title }) => {
    const columns = OUTAGE_COLUMNS.map(({ metric, factors }) => outageFigures(view, metric, { fault, ...factors }));
    const rows = names.filter((name) => columns.some((figures) => ofVariant(figures, name) !== null));
    if (rows.length === 0) return [];
    return html`<details><summary>${title}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">Arm</th>${OUTAGE_COLUMNS.map((column) => html`<th scope="col">${column.head}</th>`)}</tr></thead>
<tbody>${rows.map(
      (name) =>
        html`<tr><th scope="row"><code>${name}</code></th>${columns.map((figures) => html`<td>${figureCell(ofVariant(figures, name), view.flags)}</td>`)}</tr>
`,
    )}</tbody>
</table></div></details>`;
  });
  if (tables.length === 0) return null;
  return html`<p>Every arm was under the same steady load, each with its own Redis: guarded reads with valid credentials, public reads without one, and guarded reads with a credential that had been revoked. A client gives up after three seconds. “Accepted” is the share of guarded requests due while the fault lasted that were accepted in the end, be it late; “Revoked, accepted” is the share of requests that should have been refused and were let in: above 0, the arm is open while it cannot look, or has forgotten. An empty restart loses what Redis held, so sessions must log in again, and a denylist forgets whom it denied.</p>
<p>“First failure after” counts from the fault, “served again after” from the return of what was broken; a dash stands where nothing failed, or nothing returned. “Defaults” is ioredis with its own settings, which queue and wait where the tuned ones refuse.</p>
${tables}`;
}
