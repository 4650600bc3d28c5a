import { lagFigures, slowest, withFactors } from '../../charts/revocation/figures.ts';
import { html, type SafeHtml } from '../../html.ts';
import { CRITICAL_HEAD, DECLARED_HEAD, REVOCATION_KINDS } from '../../view/columns.ts';
import { figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { figureCell } from '../figure.ts';

/** How long each way to end a credential took, and what had been declared. Null for no figures. */
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
    return html`<tr><th scope="row"><code>${arm}</code></th><td class="text">${kind.head}</td>${cell(of('read', 'p50'))}${cell(of('read', 'max'))}${cell(of('critical', 'max'))}${cell(bound)}${cell(within ?? null)}</tr>
`;
  });
  return html`<p>A credential in steady use on every replica was ended at a random moment, and asked with again and again from then on. The lag runs from the reply to the revocation to the last request that was still accepted, on the slowest replica; its interval reaches to the first request that was refused for good, so that it holds the time between two requests. 0 means that nothing sent after the reply was accepted.</p>
<p>What only its end ends, such as a plain token, was measured with a life of three seconds and scaled to the deployed one: revoked at a random moment, it lives for what is left of its life. Such figures have the source “model”. The declared bound is of light reads; a critical operation may be refused sooner.</p>
<details open><summary>Lag by arm and way to end a credential</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Revocation lag"><table>
<thead><tr><th scope="col">Arm</th><th scope="col" class="text">Ended by</th><th scope="col">Half of them within</th><th scope="col">Longest</th><th scope="col">Longest, ${CRITICAL_HEAD.toLowerCase()}</th><th scope="col">${DECLARED_HEAD}</th><th scope="col">Kept</th></tr></thead>
<tbody>${cells}</tbody>
</table></div></details>`;
}
