import { formatTime } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import type { ReportView } from '../view/view.ts';

/** The head of the page: warnings about the run, and its identity. */
export function masthead({ run, warnings }: ReportView): SafeHtml {
  const { cpuModel, cores } = run.environment;
  const { shards = [] } = run;
  const where = shards.length > 1 ? `over ${shards.length} shards` : 'on this machine';
  const alerts =
    warnings.length === 0
      ? null
      : html`<div class="alert" role="alert"><p>Before you read on:</p><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
  return html`<header>
<h1><span class="brand">Tollgate</span> What authentication costs ${where}</h1>
<p class="facts">${formatTime(run.startedAt)} · ${cpuModel}, ${cores} cores · ${run.config.profile} profile, seed ${run.config.seed} · run ${run.runId}</p>
${alerts}
</header>`;
}
