/** The first screen: the verdict, when to choose what, the pairs behind it, and how sure that is. */
import { flagsOf, type MarkedFlag } from '../../core/text/flags.ts';
import { answersOf } from '../charts/answers.ts';
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { tollPairs } from '../charts/toll/pairs.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import type { Statement } from '../view/statement.ts';
import type { Choice } from '../view/verdict.ts';
import type { ReportView } from '../view/view.ts';
import { chartData } from './charts.ts';
import { flagMarks } from './figure.ts';
import { prose } from './prose.ts';
import type { Section } from './section.ts';

const said = ({ text, figures }: Statement, flags: readonly MarkedFlag[]) =>
  html`${prose(text)}${flagMarks(flagsOf(figures, flags))}`;

/** Each reason leads to the chart that shows its figures, or else to the table of all of them. */
function choice({ choose, clauses }: Choice, flags: readonly MarkedFlag[], charts: readonly DrawnChart[]): SafeHtml {
  const items = clauses.map((clause) => {
    const href = charts.some(({ id }) => id === clause.chart) ? `#chart-${clause.chart}` : '#figures';
    return html`<li><strong>${clause.need}</strong>: <a href="${href}">${prose(clause.text)}</a>${flagMarks(flagsOf(clause.figures, flags))}.</li>
`;
  });
  return html`<h3>Choose ${choose} if …</h3><ul>${items}</ul>`;
}

function pairsFigure(charts: readonly DrawnChart[], view: ReportView): SafeHtml | null {
  const chart = charts.find(({ id }) => id === tollPairs.id);
  if (chart === undefined) return null;
  return html`<figure id="chart-${chart.id}" class="pairs"><h3>${chart.title}</h3>
<div class="plot">${trusted(chart.svg.narrow)}</div>
<details><summary>How to read this chart</summary><p class="note">${prose(chart.sentence)}${flagMarks(chart.flags)}</p><p class="note">${chart.note}</p></details>${chartData(chart, view)}</figure>`;
}

/** What the run did not watch: from the reference run and marked as such, else how to measure it. */
function unwatched(missing: Statement, { missing: { reference } }: ReportView): SafeHtml {
  const [known] = reference?.statements ?? [];
  if (reference === null || known === undefined) return html`<p class="note">${prose(missing.text)}</p>`;
  return html`<p class="note reference"><strong>Not measured here.</strong> The reference run says (${reference.origin}): ${prose(known.text)}</p>`;
}

export const answer: Section = {
  id: 'answer',
  title: 'The answer',
  render(view, charts) {
    const { aa, flags, verdict } = view;
    const [first, ...rest] = answersOf(view);
    if (first === undefined) return html`<p>This run measured nothing that an answer could rest on.</p>`;
    const second = rest.find(({ about }) => about === 'revocation');
    const missing = rest.find(({ about }) => about === 'not measured');
    const others = rest.filter(({ about }) => about === undefined);
    const sure = verdict.sureness;
    const check = aa === null ? null : html`<p class="check ${aa.holds ? 'good' : 'bad'}">${prose(aa.sentence)}</p>`;
    const pairs = pairsFigure(charts, view);
    const reasons = html`${verdict.choices.map((one) => choice(one, flags, charts))}
${sure === null ? null : html`<p class="note"><strong>How sure?</strong> ${said(sure, flags)}</p>`}`;
    return html`<p class="lead">${said(first, flags)}${second === undefined ? null : html` ${said(second, flags)}`}</p>
${missing === undefined ? null : unwatched(missing, view)}
${pairs === null ? reasons : html`<div class="verdicts"><div>${reasons}</div>${pairs}</div>`}
${others.map((one) => html`<p>${said(one, flags)}</p>`)}${check}`;
  },
};
