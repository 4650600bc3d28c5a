import { METRICS } from '../../core/results/metrics.ts';
import type { Ranking } from '../../core/stats/ties.ts';
import { list } from '../../core/text/format.ts';
import { html } from '../html.ts';
import type { Decision } from '../view/view.ts';
import { figureCell } from './figure.ts';
import type { Section } from './section.ts';

/** Each column: its head, what it means, and where it takes its figure. */
const COLUMNS = [
  { head: 'CPU per request', metric: 'cpu_us_per_request', field: 'cpu' },
  { head: '× baseline', metric: 'cpu_ratio_to_baseline', field: 'ratio' },
  { head: 'Toll', metric: 'cpu_toll_us', field: 'toll' },
  { head: 'Redis CPU', metric: 'redis_cpu_us_per_request', field: 'redisCpu' },
  { head: 'Redis commands', metric: 'redis_commands_per_request', field: 'redisCommands' },
  { head: 'Bytes in', metric: 'request_bytes', field: 'requestBytes' },
  { head: 'Bytes out', metric: 'response_bytes', field: 'responseBytes' },
] as const satisfies readonly {
  head: string;
  metric: keyof typeof METRICS;
  field: Exclude<keyof Decision, 'arm' | 'place'>;
}[];

/** Groups may overlap: one arm may be like two others that differ. */
function tiesNote({ groups }: Ranking): string {
  const tied = groups.filter((group) => group.length > 1);
  const how = 'Places compare every pair of arms in the same blocks, corrected for their number (Holm, 5 %)';
  if (tied.length === 0) return `${how}: all can be told apart.`;
  return `${how}. Not to be told apart, and marked =: ${tied.map((group) => list(group)).join('; ')}.`;
}

export const decisionTable: Section = {
  id: 'arms',
  title: 'The arms',
  render({ decisions, flags, baseline, ranking }) {
    if (decisions.length === 0) return null;
    const rows = decisions.map(
      (row) => html`<tr${row.arm === baseline ? html` class="baseline"` : null}>
<th scope="row"><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${row.arm.colour}"/></svg><code>${row.arm.name}</code><small>${row.arm.title}${row.arm === baseline ? ' (the baseline)' : ''}</small></th>
${ranking === null ? null : html`<td>${row.place}</td>`}
${COLUMNS.map(({ field }) => html`<td>${figureCell(row[field], flags)}</td>`)}
<td class="text">${row.arm.serverState}</td>
</tr>`,
    );
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of all arms"><table>
<thead><tr><th scope="col">Arm</th>${ranking === null ? null : html`<th scope="col" title="By CPU per request in the same blocks, all pairs compared, corrected by Holm’s method">Place</th>`}${COLUMNS.map(({ head, metric }) => html`<th scope="col" title="${METRICS[metric].meaning}">${head}</th>`)}<th scope="col" class="text">State on the server</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="note">Cheapest first. In brackets, the interval of each figure. The toll and the ratio are taken against the baseline in the same blocks, so they stand even where the machine's speed drifts. ${ranking === null ? 'Where two intervals overlap, the order means nothing.' : tiesNote(ranking)}</p>`;
  },
};
