import { METRICS } from '../../core/results/metrics.ts';
import { list } from '../../core/text/format.ts';
import { html } from '../html.ts';
import { ARM_COLUMNS, PLACE_HEAD, STATE_HEAD } from '../view/columns.ts';
import { type CostRanking, costOf } from '../view/ranking.ts';
import { figureCell } from './figure.ts';
import type { Section } from './section.ts';
import { term } from './words/term.ts';

/** Groups may overlap: one arm may tie with two others that differ. */
function tiesNote(ranking: CostRanking): string {
  const { groups, costs } = ranking;
  const tied = groups.filter((group) => group.length > 1);
  const how = `Arms are ranked by ${costOf(ranking)}. All pairs are compared within the same blocks, with Holm’s correction for ${costs.count} comparisons (5 % level)`;
  if (tied.length === 0) return `${how}. All arms differ.`;
  return `${how}. “=” marks arms between which no difference was found: ${tied.map((group) => list(group)).join('; ')}.`;
}

/** The most important figure first, so that a phone shows it. */
const COLUMNS = ARM_COLUMNS.toSorted((a, b) => Number(b.field === 'ratio') - Number(a.field === 'ratio'));

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
<thead><tr><th scope="col">Arm</th>${ranking === null ? null : html`<th scope="col">${term('place', PLACE_HEAD, 'Rank by CPU time per request: all pairs compared within the same blocks, with Holm’s correction.')}</th>`}${COLUMNS.map(({ head, metric }) => html`<th scope="col">${term(metric, head, METRICS[metric].meaning)}</th>`)}<th scope="col" class="text">${STATE_HEAD}</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="note">Cheapest first; brackets contain the confidence interval. Toll and ratio are measured against the baseline in the same blocks, so they remain valid when the machine’s speed drifts. ${ranking === null ? 'These arms were not compared in pairs, so they are ordered by their estimates only.' : tiesNote(ranking)}</p>`;
  },
};
