import type { GateOutcome, GateResult, GateVerdict } from '../../core/results/gate-schema.ts';
import { counted, formatCount, list } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import type { Section } from './section.ts';

const MARKS: Readonly<Record<GateVerdict, SafeHtml>> = {
  pass: html`✓`,
  fail: html`<strong class="marks">failed</strong>`,
  limit: html`limit`,
  'not-applicable': html`n/a`,
};

/** Worst first. */
const ORDER: readonly GateVerdict[] = ['fail', 'limit', 'pass', 'not-applicable'];

interface Row {
  readonly id: number;
  readonly name: string;
  readonly refs: readonly string[];
  /** Outcomes in the order of the arms; null if the check was not run. */
  readonly outcomes: readonly (GateOutcome | null)[];
  readonly worst: number;
}

/** A row for each check: failed ones first, then by number. */
function rowsOf({ checks, arms }: GateResult): Row[] {
  const rows = checks.map(({ id, name, refs }) => {
    const outcomes = arms.map((arm) => arm.outcomes.find(({ check }) => check === id) ?? null);
    const ranks = outcomes.flatMap((outcome) => (outcome === null ? [] : [ORDER.indexOf(outcome.verdict)]));
    return { id, name, refs, outcomes, worst: Math.min(ORDER.length, ...ranks) };
  });
  const failed = ({ worst }: Row) => (worst === 0 ? 0 : 1);
  return rows.toSorted((a, b) => failed(a) - failed(b) || a.id - b.id);
}

/** A list of every outcome with one verdict: arm, check and observation. */
function listOf(gate: GateResult, verdict: GateVerdict): SafeHtml[] {
  return gate.arms.flatMap(({ arm, outcomes }) =>
    outcomes
      .filter((outcome) => outcome.verdict === verdict)
      .map(({ check, detail }) => {
        const name = gate.checks.find(({ id }) => id === check)?.name ?? '';
        return html`<li><code>${arm}</code>, check ${check} (${name}): ${detail}</li>`;
      }),
  );
}

/** For paper, which has no room for the table: each check with declared limits once, and arms with the same one together. */
function limitsByCheck(gate: GateResult): SafeHtml[] {
  return gate.checks.flatMap(({ id, name }) => {
    const limits = gate.arms.flatMap(({ arm, outcomes }) =>
      outcomes.flatMap(({ check, verdict, detail }) => (check === id && verdict === 'limit' ? [{ arm, detail }] : [])),
    );
    if (limits.length === 0) return [];
    const same = [...Map.groupBy(limits, ({ detail }) => detail)].map(
      ([detail, of], i) => `${i === 0 ? '' : '. '}${list(of.map(({ arm }) => arm))}: ${detail}`,
    );
    return html`<li>Check ${id} (${name}). ${same}</li>
`;
  });
}

function table(gate: GateResult): SafeHtml {
  const rows = rowsOf(gate).map(
    ({
      id,
      name,
      refs,
      outcomes,
    }) => html`<tr><th scope="row" class="text">${id} ${name}<small>${refs.join(' · ')}</small></th>${outcomes.map(
      (outcome) =>
        outcome === null
          ? html`<td class="absent">${gate.quick ? 'not in quick' : 'not run'}</td>`
          : html`<td${outcome.verdict === 'not-applicable' ? html` class="absent"` : null}>${MARKS[outcome.verdict]}</td>`,
    )}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Security checks by arm"><table>
<thead><tr><th scope="col" class="text">Check</th>${gate.arms.map(({ arm }) => html`<th scope="col"><code>${arm}</code></th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

export const gateSection: Section = {
  id: 'gate',
  title: 'Security checks',
  render({ gate }) {
    if (gate === null || gate.arms.length === 0) return null;
    const [failures, limits] = [listOf(gate, 'fail'), listOf(gate, 'limit')];
    const verdict =
      failures.length === 0
        ? html`<div class="check good"><p>Every arm passed: ${formatCount(gate.checks.length)} black-box checks found no broken promise.</p></div>`
        : html`<div class="alert"><p>${counted(failures.length, 'check')} failed. The cost of an arm that breaks its promises is not the cost of keeping them.</p><ul>${failures}</ul></div>`;
    return html`${verdict}
<p>Every arm must pass security checks before it is measured. Each check talks HTTP to two replicas of the arm, as a client or an attacker would. ${gate.quick ? html`This is the quick subset that runs before every benchmark; <code>npm run gate</code> runs all checks.` : null} <em>Limit</em>: the arm declares this limit, and behaved as declared.<span class="on-screen"> ✓: passed. <em>n/a</em>: the check does not apply to the arm.${gate.quick ? html` <em>Not in quick</em>: the quick subset leaves the check out for this arm.` : null}</span></p>
${table(gate)}
${limits.length === 0 ? null : html`<details><summary>The limits in detail <small>${formatCount(limits.length)}</small></summary><ul>${limits}</ul></details>`}
<div class="on-paper">${limits.length === 0 ? null : html`<h3>Declared limits</h3><ul>${limitsByCheck(gate)}</ul>`}<p>The result of every check for every arm is in <code>gate.json</code>.</p></div>`;
  },
};
