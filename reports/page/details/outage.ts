import { CLIENT_DEADLINE_MS } from '../../../core/results/outage.ts';
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
  return html`<p>Each arm had its own Redis and the same steady load: authenticated reads with valid credentials, public reads, and authenticated reads with a revoked credential. Clients give up after ${CLIENT_DEADLINE_MS / 1000} s. “Accepted” is the share of authenticated requests due during the fault that were accepted, however late. “Revoked, accepted” is the share of requests with a revoked credential that were wrongly accepted: above 0, the arm fails open, or has lost its list of revoked credentials. An empty restart loses the data in Redis: users of sessions must log in again, and a denylist forgets the revoked tokens.</p>
<p>“First failure after” counts from the fault. “Served again after” counts from the return of the broken component to the first response to a request that was sent after it. A dash means that nothing failed, or nothing recovered. “Defaults” is ioredis with its default settings. It queues commands and reconnects after pauses of 50 ms, doubling to 5 s. So the delay after recovery depends on how long Redis was down (“away for”). The other settings are Tollgate's: a command fails after 1 s, and pauses are at most 250 ms.</p>
${tables}`;
}
