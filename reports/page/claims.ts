/** The claims, each with its verdict, its evidence, and links to more. */

import type { DrawnChart } from '../charts/shapes/draw.ts';
import type { Verdict } from '../claims/claim.ts';
import { type LedgerEntry, referenceTo, tallyText } from '../claims/ledger.ts';
import { html, type SafeHtml } from '../html.ts';
import type { ReportView } from '../view/view.ts';
import { figureCell } from './figure.ts';
import type { Section } from './section.ts';
import { prose } from './words/prose.ts';

const CLASSES: Readonly<Record<Verdict, string>> = {
  holds: 'yes',
  'holds only if': 'if',
  'does not hold': 'no',
  inconclusive: 'open',
  'not measured': 'open',
};

/** Folded details of a verdict: the evidence, and what would change it. */
function grounds({ figures, turns }: LedgerEntry, { flags }: ReportView): SafeHtml | null {
  if (figures.length === 0) return null;
  const items = figures.map(
    ({ label, figure }) =>
      html`<li>${label}: ${figureCell(figure, flags)} <small><code>${referenceTo(figure)}</code></small></li>`,
  );
  const said = turns === null ? null : html`<p>${prose(turns)}</p>`;
  const summary = turns === null ? 'Evidence' : 'Evidence, and what would change the verdict';
  return html`<details><summary>${summary} <small>${figures.length}</small></summary>${said}<ul>${items}</ul></details>`;
}

/** Sections with content that no chart shows. */
const SECTIONS: Readonly<Record<string, string>> = { browser: 'In a real browser' };

function links(entry: LedgerEntry, { run }: ReportView, charts: readonly DrawnChart[]): SafeHtml | null {
  const known = entry.claim.charts.flatMap((id) => {
    const section = SECTIONS[id];
    if (section !== undefined)
      return run.figures.some(({ experiment }) => experiment === id) ? [{ href: `#${id}`, title: section }] : [];
    const chart = charts.find((one) => one.id === id);
    return chart === undefined ? [] : [{ href: `#chart-${id}`, title: chart.title }];
  });
  if (known.length === 0) return null;
  return html`<p class="note">See ${known.map(({ href, title }, i) => html`${i === 0 ? '' : ' · '}<a href="${href}">${title}</a>`)}</p>`;
}

function row(entry: LedgerEntry, view: ReportView, charts: readonly DrawnChart[]): SafeHtml {
  const { claim, verdict, condition, because, contrary } = entry;
  const word = verdict.replace(' if', ' if …');
  return html`<tr id="claim-${claim.number}"><th scope="row"><span class="absent">${claim.number}</span> ${claim.statement}</th>
<td><span class="verdict ${CLASSES[verdict]}">${word}</span>${condition === null ? null : html` <span class="condition">${prose(condition)}</span>`}</td>
<td><p>${prose(because)}</p>${contrary === null ? null : html`<p><strong>Contrary to common belief:</strong> ${prose(contrary)}</p>`}${grounds(entry, view)}${links(entry, view, charts)}</td></tr>
`;
}

/** One line for everything that is missing: the command, and its duration. */
function missingLine({ claims: ledger, missing: { claims, command, takes } }: ReportView): SafeHtml | null {
  if (command === null || claims.length === 0) return null;
  const more = claims.length < ledger.length ? ' more' : '';
  const numbers = claims.map(
    ({ claim }, i) => html`${i === 0 ? '' : ', '}<span id="claim-${claim.number}">${claim.number}</span>`,
  );
  return html`<p><strong>${claims.length}${more} ${claims.length === 1 ? 'claim needs' : 'claims need'} a full run</strong>${takes === null ? '' : `, about ${takes}`}: <code>${command}</code> <small>(claims ${numbers})</small></p>`;
}

function ofReference({ missing: { reference } }: ReportView): SafeHtml | null {
  if (reference === null || reference.claims.length === 0) return null;
  const items = reference.claims.map(({ number, statement, verdict, condition, because }) => {
    const word = verdict.replace(' if', ' if …');
    return html`<li><strong>${number} ${statement}</strong> <span class="verdict ${CLASSES[verdict]}">${word}</span>${condition === null ? null : html` ${prose(condition)}`}. ${prose(because)}</li>
`;
  });
  return html`<details class="reference"><summary>What the reference run says about ${reference.claims.length} of them</summary>
<p class="note">Not this machine: ${reference.origin}.</p><ul>${items}</ul></details>`;
}

export const claimsSection: Section = {
  id: 'claims',
  title: 'Claims',
  render(view, charts) {
    const tested = view.claims.filter(({ verdict }) => verdict !== 'not measured');
    if (view.claims.length === 0) return null;
    const table =
      tested.length === 0
        ? null
        : html`<table class="claims"><thead><tr><th scope="col">Claim</th><th scope="col" class="text">Verdict</th><th scope="col" class="text">Because</th></tr></thead>
<tbody>${tested.map((entry) => row(entry, view, charts))}</tbody></table>`;
    const tally = tested.length === 0 ? 'none is tested by this run' : tallyText(tested);
    return html`<p>Common claims about sessions and tokens, judged by the figures of this run: ${tally}. Each verdict follows from a fixed rule. Costs of two arms are compared by their ratio within the same blocks; where that shows no difference, the verdict is inconclusive. <span class="on-screen">Open a row to see its evidence, with a reference to each figure in <code>figures.csv</code>.</span></p>
${table}${missingLine(view)}${ofReference(view)}`;
  },
};
