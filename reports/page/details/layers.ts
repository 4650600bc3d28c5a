import type { Metric } from '../../../core/results/metrics.ts';
import { formatEstimate, formatValue } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** In plain words, in the order of the table. */
const LAYERS = [
  { name: 'tls', title: 'TLS, connections kept' },
  { name: 'rate-limit-local', title: 'Rate limit, counted in the process' },
  { name: 'rate-limit-redis', title: 'Rate limit, counted in Redis' },
  { name: 'headers', title: 'Security headers' },
  { name: 'all', title: 'TLS, rate limit in Redis, headers' },
] as const;

/** What counting in Redis asks of it; every arm alike, so that of the first is told. */
function redisNote(view: ReportView): SafeHtml | null {
  const of = (metric: Metric) =>
    figuresOf(view.run, 'layers', metric).find(({ factors }) => factors.layers === 'rate-limit-redis');
  const [commands, cpu] = [of('layer_redis_commands'), of('layer_redis_cpu_us')];
  if (commands === undefined || cpu === undefined) return null;
  return html`<p class="note">A rate limit that is counted in Redis asks it for ${formatValue(commands)} more commands, those inside a script counted, and ${formatEstimate(cpu)} of its CPU time per request.</p>`;
}

/** What each layer adds to each arm, what a handshake costs, and whether schemes still differ. Null for no figures. */
export function layersDetails(view: ReportView): SafeHtml | null {
  const tolls = figuresOf(view.run, 'layers', 'layer_toll_us').filter(hasArm);
  const ratios = figuresOf(view.run, 'layers', 'scheme_ratio').filter(hasArm);
  const handshakes = figuresOf(view.run, 'layers', 'handshake_cpu_us');
  const arms = view.arms.filter(({ name }) => tolls.some(({ arm }) => arm === name));
  if (arms.length === 0) return null;
  const pairs = [...Map.groupBy(ratios, ({ arm, factors }) => `${arm} : ${factors.than}`)];
  const at = (figures: readonly ArmFigure[], layers: string) =>
    html`<td>${figureCell(figures.find(({ factors }) => factors.layers === layers) ?? null, view.flags)}</td>`;
  const full = handshakes.find(({ factors }) => factors.handshake === 'full');
  const resumed = handshakes.find(({ factors }) => factors.handshake === 'resumed');
  return html`<p>The same layers on every arm, each compared with the same arm without it in the same blocks${pairs.length === 0 ? '' : '; the last column says what is left of the difference between schemes'}. Connections are kept, so the TLS handshake is in none of these: ${full ? html`it costs ${formatEstimate(full)} of CPU time in the replica for each new connection` : 'it was not measured'}${resumed ? html`, ${formatEstimate(resumed)} where a session is resumed` : ''}.</p>
<details open><summary>CPU time that each layer adds, and the ratio of the schemes under it</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Layers by arm"><table>
<thead><tr><th scope="col">Layer</th>${arms.map(({ name }) => html`<th scope="col"><code>${name}</code></th>`)}${pairs.map(([pair]) => html`<th scope="col"><code>${pair}</code></th>`)}</tr></thead>
<tbody><tr><th scope="row" class="text">Nothing</th>${arms.map(() => html`<td>—</td>`)}${pairs.map(([, own]) => at(own, 'bare'))}</tr>
${LAYERS.map(
  ({ name, title }) =>
    html`<tr><th scope="row" class="text">${title}</th>${arms.map((arm) =>
      at(
        tolls.filter((figure) => figure.arm === arm.name),
        name,
      ),
    )}${pairs.map(([, own]) => at(own, name))}</tr>
`,
)}</tbody>
</table></div>${redisNote(view)}</details>`;
}
