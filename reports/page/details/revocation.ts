import { lagFigures, slowest, withFactors } from '../../charts/revocation/figures.ts';
import { html, type SafeHtml } from '../../html.ts';
import { CRITICAL_HEAD, DECLARED_HEAD, REVOCATION_KINDS } from '../../view/columns.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** How long each kind of revocation took, and the declared bound. Null for no figures. */
export function revocationDetails(view: ReportView): SafeHtml | null {
  const lags = lagFigures(view);
  const bounds = figuresOf(view.run, 'revocation', 'revocation_bound_ms').filter(hasArm);
  const kept = figuresOf(view.run, 'revocation', 'revocation_within_bound_pct').filter(hasArm);
  const rows = view.arms
    .flatMap(({ name: arm }) => REVOCATION_KINDS.map((kind) => ({ arm, kind })))
    .filter(({ arm, kind }) => lags.some((figure) => figure.arm === arm && figure.factors.kind === kind.name));
  if (rows.length === 0) return null;
  const cells = rows.map(({ arm, kind }) => {
    const own = lags.filter((figure) => figure.arm === arm && figure.factors.kind === kind.name);
    const of = (operation: string, quantile: string) => slowest(withFactors(own, { operation, quantile }));
    const factors = { kind: kind.name, operation: 'read' };
    const bound = slowest(
      withFactors(
        bounds.filter((figure) => figure.arm === arm),
        { ...factors, settings: 'deployed' },
      ),
    );
    const within = withFactors(
      kept.filter((figure) => figure.arm === arm),
      factors,
    ).sort((a, b) => a.value - b.value)[0];
    const cell = (figure: Parameters<typeof figureCell>[0]) => html`<td>${figureCell(figure, view.flags)}</td>`;
    return html`<tr><th scope="row"><code>${arm}</code></th><td class="text">${kind.head}</td><td class="on-screen">${figureCell(of('read', 'p50'), view.flags)}</td>${cell(of('read', 'max'))}${cell(of('critical', 'max'))}${cell(bound)}${cell(within ?? null)}</tr>
`;
  });
  return html`<p>A credential in steady use on every replica was revoked at a random moment, while it remained in use. The lag is the time from the response to the revocation until the last request that was still accepted, on the slowest replica. Its interval ends at the first request after which all were refused. 0 means that no request sent after the response was accepted.</p>
<p>A credential that ends only by expiry, such as a plain token, was measured with a lifetime of three seconds and scaled to the deployed lifetime: revoked at a random moment, it remains valid for the rest of its life. Such figures have the source “model”. The declared bound is for reads; a critical operation may be refused sooner.</p>
<details open><summary>Lag by arm and kind of revocation</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Revocation lag"><table>
<thead><tr><th scope="col">Arm</th><th scope="col" class="text">Ended by</th><th scope="col" class="on-screen">Median</th><th scope="col">Longest</th><th scope="col">Longest, ${CRITICAL_HEAD.toLowerCase()}</th><th scope="col">${DECLARED_HEAD}</th><th scope="col">Within the bound</th></tr></thead>
<tbody>${cells}</tbody>
</table></div></details>`;
}
