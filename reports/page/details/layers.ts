import type { Metric } from '../../../core/results/metrics.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import { formatEstimate, formatValue } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** The layers in plain words, in the order of the table. */
const LAYERS = [
  { name: 'tls', title: 'TLS, keep-alive connections' },
  { name: 'rate-limit-local', title: 'Rate limit, counted in the process' },
  { name: 'rate-limit-redis', title: 'Rate limit, counted in Redis' },
  { name: 'headers', title: 'Security headers' },
  { name: 'metrics', title: 'Metrics for Prometheus' },
  { name: 'traces', title: 'Traces, a span per request' },
  { name: 'all', title: 'TLS, rate limit in Redis, headers' },
] as const;

/** What counting in Redis costs it. All arms are alike, so the first one is quoted. */
function redisNote(view: ReportView): SafeHtml | null {
  const of = (metric: Metric) =>
    figuresOf(view.run, 'layers', metric).find(({ factors }) => factors.layers === 'rate-limit-redis');
  const [commands, cpu] = [of('layer_redis_commands'), of('layer_redis_cpu_us')];
  if (commands === undefined || cpu === undefined) return null;
  return html`<p class="note">A rate limit counted in Redis adds ${formatValue(commands)} Redis commands per request (including those inside its script) and ${formatEstimate(cpu)} of Redis CPU time.</p>`;
}

/** What each layer adds to each arm, the cost of a handshake, and whether schemes still differ. Null for no figures. */
export function layersDetails(view: ReportView): SafeHtml | null {
  const tolls = figuresOf(view.run, 'layers', 'layer_toll_us').filter(hasArm);
  const ratios = figuresOf(view.run, 'layers', 'scheme_ratio').filter(hasArm);
  const handshakes = figuresOf(view.run, 'layers', 'handshake_cpu_us');
  const arms = view.arms.filter(({ name }) => tolls.some(({ arm }) => arm === name));
  if (arms.length === 0) return null;
  const pairs = [...Map.groupBy(ratios, (ratio) => `${ratio.arm} : ${otherArmOf(ratio)}`)];
  const at = (figures: readonly ArmFigure[], layers: string) =>
    html`<td>${figureCell(figures.find(({ factors }) => factors.layers === layers) ?? null, view.flags)}</td>`;
  const full = handshakes.find(({ factors }) => factors.handshake === 'full');
  const resumed = handshakes.find(({ factors }) => factors.handshake === 'resumed');
  return html`<p>Each layer is compared with the same arm without it, in the same blocks${pairs.length === 0 ? '' : '; the last column is the ratio between the schemes under that layer'}. Connections are kept alive, so these figures exclude the TLS handshake: ${full ? html`it costs the replica ${formatEstimate(full)} of CPU time per new connection` : 'it was not measured'}${resumed ? html`, or ${formatEstimate(resumed)} with session resumption` : ''}.</p>
<details open><summary>CPU time that each layer adds, and the ratio between the schemes</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Layers by arm"><table>
<thead><tr><th scope="col">Layer</th>${arms.map(({ name }) => html`<th scope="col"><code>${name}</code></th>`)}${pairs.map(([pair]) => html`<th scope="col"><code>${pair}</code></th>`)}</tr></thead>
<tbody><tr><th scope="row" class="text">None</th>${arms.map(() => html`<td>—</td>`)}${pairs.map(([, own]) => at(own, 'bare'))}</tr>
${LAYERS.filter(({ name }) => tolls.some(({ factors }) => factors.layers === name)).map(
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
