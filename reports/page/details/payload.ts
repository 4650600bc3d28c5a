import type { Metric } from '../../../core/results/metrics.ts';
import { otherArmOf } from '../../../core/results/other-arm.ts';
import { formatCount, formatEstimate } from '../../../core/text/format.ts';
import { html, type SafeHtml } from '../../html.ts';
import { type ArmFigure, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';
import { prose } from '../words/prose.ts';

const of = (view: ReportView, metric: Metric) => figuresOf(view.run, 'payload', metric).filter(hasArm);

/** From how many roles one arm costs more than another, or that it never does in the range. */
function crossings(view: ReportView): string[] {
  const gaps = of(view, 'cpu_gap_us').filter(({ factors }) => factors.of === 'total');
  const found = of(view, 'crossing_roles').filter(({ factors }) => factors.of === 'total');
  const pairs = Map.groupBy(gaps, (gap) => `${gap.arm} ${otherArmOf(gap)}`);
  return [...pairs.values()].flatMap((own) => {
    const [low, high] = own.toSorted((a, b) => Number(a.factors.roles) - Number(b.factors.roles));
    if (!low || !high) return [];
    const other = otherArmOf(low);
    const crossing = found.find((figure) => {
      const [arm, its] = [figure.arm, otherArmOf(figure)];
      return (arm === low.arm && its === other) || (arm === other && its === low.arm);
    });
    if (crossing) {
      return [`${crossing.arm} costs more CPU time than ${otherArmOf(crossing)} above ${formatEstimate(crossing)}.`];
    }
    const range = `from ${low.factors.roles} to ${high.factors.roles} roles`;
    if (low.low > 0 && high.low > 0)
      return [`${low.arm} costs more CPU time than ${other} over the whole range, ${range}.`];
    if (low.high < 0 && high.high < 0)
      return [`${low.arm} costs less CPU time than ${other} over the whole range, ${range}.`];
    return [
      `Which of ${low.arm} and ${other} costs more is inconclusive ${range}: the interval of their difference includes zero at one end.`,
    ];
  });
}

function limitText(limits: readonly ArmFigure[], arm: string, limit: string): string {
  const figure = limits.find((one) => one.arm === arm && one.factors.limit === limit);
  if (figure === undefined) return limit === 'cookie' ? 'no cookie' : '—';
  return figure.flags.includes('search-ended') ? `none up to ${formatCount(figure.value)}` : formatCount(figure.value);
}

/** What a role costs, how many fit, and how much memory a session takes in Redis. Null for no figures. */
export function payloadDetails(view: ReportView): SafeHtml | null {
  const bytes = of(view, 'request_bytes_per_role');
  const cpu = of(view, 'cpu_us_per_role');
  const limits = of(view, 'limit_roles');
  const memory = of(view, 'bytes_per_session');
  const arms = view.arms.filter(
    ({ name, role }) => role === 'guarded' && [...bytes, ...limits].some(({ arm }) => arm === name),
  );
  if (arms.length === 0) return null;
  const most = Math.max(0, ...memory.map(({ factors }) => Number(factors.roles)));
  const cell = (figures: readonly ArmFigure[], arm: string) =>
    html`<td>${figureCell(figures.find((figure) => figure.arm === arm) ?? null, view.flags)}</td>`;
  const atMost = memory.filter(({ factors }) => factors.roles === most);
  return html`<p>Users with an increasing number of roles (16 characters each) read <code>GET /me</code>. A token, or a session stored in its cookie, carries the roles in every request. A session in Redis sends only an id; the roles travel between Redis and the replica. The response lists the roles in every arm, including the baseline, so the cost of writing it is not part of any toll.</p>
<ul>${crossings(view).map((sentence) => html`<li>${prose(sentence)}</li>`)}</ul>
<details open><summary>What one more role costs, and how many fit</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Roles by arm"><table>
<thead><tr><th scope="col">Arm</th><th scope="col">Request bytes per role</th><th scope="col">CPU time per role</th><th scope="col">Roles that fit in a browser’s cookie</th><th scope="col">Roles until Node answers 431</th><th scope="col">Redis memory of a session with ${most} roles</th></tr></thead>
<tbody>${arms.map(
    ({ name }) =>
      html`<tr><th scope="row"><code>${name}</code></th>${cell(bytes, name)}${cell(cpu, name)}<td>${limitText(limits, name, 'cookie')}</td><td>${limitText(limits, name, 'header')}</td>${cell(atMost, name)}</tr>
`,
  )}</tbody>
</table></div></details>`;
}
