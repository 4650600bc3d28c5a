import { MOST_SERVICES } from '../../../core/results/metrics/chain.ts';
import { counted } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import { checkedChains, edgeComparisons, figuresOfChain, hopsOf } from '../../view/chain.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** The cost of checks by where they are made: measured, by hop, by the model, and in latency. Null for no figures. */
export function chainDetails(view: ReportView): SafeHtml | null {
  const chains = checkedChains(view);
  if (chains.length === 0) return null;
  const hops = [...new Set(chains.flatMap((chain) => figuresOfChain(view, chain, 'chain_toll_us').map(hopsOf)))].sort(
    (a, b) => a - b,
  );
  const most = hops.at(-1) ?? 0;
  const models = chains.flatMap((chain) => figuresOfChain(view, chain, 'model_chain_toll_us').map(hopsOf));
  const furthest = Math.max(0, ...models);
  const rows = chains.map((chain) => {
    const of = (metric: Parameters<typeof figuresOfChain>[2], at?: number) => {
      const found = figuresOfChain(view, chain, metric).find((figure) => at === undefined || hopsOf(figure) === at);
      return html`<td>${figureCell(found ?? null, view.flags)}</td>`;
    };
    return html`<tr><th scope="row" class="text">${chain.name}</th>${hops.map((at) => of('chain_toll_us', at))}${of('chain_ratio', most)}${of('chain_toll_per_hop_us')}${of('chain_toll_bend_us')}${furthest > most ? of('model_chain_toll_us', furthest) : null}${of('chain_latency_toll_us', most)}</tr>
`;
  });
  return html`<p>Each chain is compared with the same chain without authentication, in the same blocks. CPU time is that of all processes: services, store and auth service. If the bend is not 0, the toll does not grow linearly, and the model is inaccurate beyond the measured hops: an edge signs the identity only if it passes it on.</p>
<details open><summary>What checks add to a request, by where they are made</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Tolls of chains by hops"><table>
<thead><tr><th scope="col">Checked</th>${hops.map((at) => html`<th scope="col">${counted(at, 'hop')}</th>`)}<th scope="col">× no check, ${most} hops</th><th scope="col">Each further hop</th><th scope="col">Bend</th>${furthest > most ? html`<th scope="col">${furthest} hops, model</th>` : null}<th scope="col">Latency, ${most} hops, low load</th></tr></thead>
<tbody>${rows}</tbody>
</table></div></details>${edgeTable(view)}`;
}

/** The cost of an edge compared with asking at every hop, and its break-even. Null if no edge was compared. */
function edgeTable(view: ReportView): SafeHtml | null {
  const comparisons = edgeComparisons(view);
  const hops = [...new Set(comparisons.flatMap(({ differences }) => differences.map(hopsOf)))].sort((a, b) => a - b);
  if (hops.length === 0) return null;
  const rows = comparisons.map(({ edge, against, differences, found }) => {
    const cells = hops.map((at) => differences.find((figure) => hopsOf(figure) === at) ?? null);
    return html`<tr><th scope="row" class="text">${edge} minus ${against} at every hop</th>${[...cells, found].map((cell) => html`<td>${figureCell(cell, view.flags)}</td>`)}</tr>
`;
  });
  return html`
<details open><summary>Break-even of an edge that exchanges the credential</summary>
<p>The difference in CPU time over as many services, in the same blocks: below 0 the edge costs less. The break-even is where a line through the differences crosses 0; if the line is not significantly below 0 at ${MOST_SERVICES} services, there is none.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Break-even of an edge"><table>
<thead><tr><th scope="col">Compared</th>${hops.map((at) => html`<th scope="col">${counted(at, 'service')}</th>`)}<th scope="col">Break-even</th></tr></thead>
<tbody>${rows}</tbody>
</table></div></details>`;
}
