import type { Metric } from '../../../core/results/metrics.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import { formatCount } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import { factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** How much of Redis' cost depends on the client, by requests in flight. Null if no such arm was measured. */
export function clientDetails(view: ReportView): SafeHtml | null {
  const of = (metric: Metric) => figuresOf(view.run, 'toll', metric).filter(hasArm);
  const ratios = of('client_redis_cpu_ratio');
  const [first] = ratios;
  if (first === undefined) return null;
  const plain = otherArmOf(first);
  const arms = view.arms.filter(({ name }) => name === plain || ratios.some(({ arm }) => arm === name));
  const loads = [...new Set(ratios.flatMap((ratio) => factorNumber(ratio, 'in_flight') ?? []))].sort((a, b) => a - b);
  const cell = (metric: Metric, arm: string, load: number) =>
    figureCell(
      of(metric).find((figure) => figure.arm === arm && factorNumber(figure, 'in_flight') === load) ?? null,
      view.flags,
    );
  return html`<details><summary>What does the Redis client change?</summary>
<p>These arms differ only in their Redis client. A client that sends the commands of concurrent requests in one write saves Redis a wake-up and a read for each of them; with one request in flight there is nothing to combine. × compares with <code>${plain}</code> in the same blocks.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Redis clients, by requests in flight"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">In flight</th><th scope="col">Redis CPU per request</th><th scope="col">×</th><th scope="col">Replica CPU per request</th><th scope="col">×</th></tr></thead>
<tbody>${arms.flatMap(({ name }) =>
    loads.map(
      (load) =>
        html`<tr><th scope="row"><code>${name}</code></th><td>${formatCount(load)}</td><td>${cell('redis_cpu_us_per_request', name, load)}</td><td>${cell('client_redis_cpu_ratio', name, load)}</td><td>${cell('cpu_us_per_request', name, load)}</td><td>${cell('client_cpu_ratio', name, load)}</td></tr>
`,
    ),
  )}</tbody>
</table></div></details>`;
}
