/** The first screen: the verdict, when to choose what, the pairs behind it, and how certain that is. */
import type { Figure } from '../../core/results/schema.ts';
import { FLAG_MARK, flagsOf } from '../../core/text/flags.ts';
import { answersOf } from '../charts/answers.ts';
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { leftOut, tollPairs } from '../charts/toll/pairs.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import type { FromReference } from '../view/missing.ts';
import type { Statement } from '../view/statement.ts';
import type { Choice, Clause } from '../view/verdict.ts';
import type { ReportView } from '../view/view.ts';
import { chartData } from './charts.ts';
import { capacityDetails } from './details/capacity.ts';
import { flagMarks } from './figure.ts';
import type { Section } from './section.ts';
import { Explainer } from './words/explained.ts';
import { prose } from './words/prose.ts';
import { definition, termButton } from './words/term.ts';

const ORDER = ['sessions', 'tokens', 'both'] as const;

/** Data shared by the parts of the first screen. */
interface Parts {
  readonly view: ReportView;
  readonly charts: readonly DrawnChart[];
  readonly explainer: Explainer;
}

function said({ text, figures }: Statement, { view, explainer }: Parts): SafeHtml {
  return html`${explainer.say(text)}${flagMarks(flagsOf(figures, view.flags))}`;
}

/** Each reason links to the chart of its figures, or otherwise to the table of all of them. */
function clause({ need, chart, text, figures }: Clause, { view, charts }: Parts): SafeHtml {
  const href = charts.some(({ id }) => id === chart) ? `#chart-${chart}` : '#figures';
  return html`<li><strong>${need}</strong>: <a href="${href}">${prose(text)}</a>${flagMarks(flagsOf(figures, view.flags))}.</li>
`;
}

/** Another machine's figures are shown separately, with machine and date, and link to nothing of this run. */
function fromReference(choice: Choice, { origin }: FromReference, command: string): SafeHtml {
  return html`${choice.clauses.map(
    ({
      need,
      text,
    }) => html`<li class="reference"><strong>${need}</strong>: not measured here. The <em>reference run</em>, on ${origin}, found that ${prose(text)}. To measure it here: <code>${command}</code></li>
`,
  )}`;
}

/** This run's own reasons first. */
function choices(missing: Statement | undefined, parts: Parts): SafeHtml {
  const { verdict, missing: all } = parts.view;
  const { reference } = all;
  const other = missing === undefined ? null : (reference?.choice ?? null);
  return html`${ORDER.map((choose) => {
    const own = verdict.choices.find((one) => one.choose === choose);
    const its = other?.choose === choose ? other : null;
    if (own === undefined && its === null) return null;
    return html`<h3>Choose ${choose} if …</h3><ul>${own?.clauses.map((one) => clause(one, parts))}${its === null || reference === null ? null : fromReference(its, reference, MEASURES_REVOCATION)}</ul>`;
  })}`;
}

const MEASURES_REVOCATION = 'npm run bench -- --experiments revocation';

function pairsFigure({ charts, view, explainer }: Parts): SafeHtml | null {
  const chart = charts.find(({ id }) => id === tollPairs.id);
  if (chart === undefined) return null;
  const more = leftOut(view);
  const rest =
    more === 0 ? null : html` ${more} more arms are in <a href="#chart-${chart.id}-all">the chart of all</a>.`;
  const lean = view.arms.some(({ name }) => name.endsWith('-lean'));
  return html`<figure id="chart-${chart.id}" class="pairs"><h3>${chart.title}</h3>
<div class="plot">${trusted(chart.svg.narrow)}</div>
<p class="note">${explainer.say(`A row is one arm; left is cheaper.${lean ? ' “-lean” is hand-tuned.' : ''}`)}${rest}</p>
<details><summary>How to read this chart</summary><p class="note">${prose(chart.sentence)}${flagMarks(chart.flags)}</p><p class="note">${chart.note}</p></details>${more === 0 ? chartData(chart, view) : null}</figure>`;
}

/** The meaning of this screen's letters, with the advice for each. */
function caveats(figures: readonly Figure[], { view }: Parts): SafeHtml | null {
  const marked = flagsOf(figures, view.flags);
  if (marked.length === 0) return null;
  const items = marked.map(
    ({ name, letter, title }, index) =>
      html`${index === 0 ? null : '; '}${termButton(`caveat-${name}`, `${letter} ${title}`)}`,
  );
  return html`<p class="note"><strong>Caveats</strong> (${FLAG_MARK} and a letter beside a figure): ${items}</p>
${marked.map(({ name, title, advice }) => definition(`caveat-${name}`, title, advice))}`;
}

export const answer: Section = {
  id: 'answer',
  title: 'The answer',
  render(view, charts) {
    const { aa, verdict } = view;
    const [first, ...rest] = answersOf(view);
    // A search for capacity has no headline: its answer is its table.
    if (first === undefined)
      return capacityDetails(view) ?? html`<p>This run measured nothing that could answer the question.</p>`;
    const parts: Parts = { view, charts, explainer: new Explainer(view, 'answer') };
    const second = rest.find(({ about }) => about === 'revocation');
    const missing = rest.find(({ about }) => about === 'not measured');
    const others = rest.filter(({ about }) => about === undefined);
    const sure = verdict.sureness;
    const check = aa === null ? null : html`<p class="check ${aa.holds ? 'good' : 'bad'}">${prose(aa.sentence)}</p>`;
    const lead = html`<p class="lead">${said(first, parts)}${second === undefined ? null : html` ${said(second, parts)}`}</p>`;
    const isAnswered = missing === undefined || view.missing.reference?.choice != null;
    const reasons = html`${choices(missing, parts)}
${sure === null ? null : html`<p class="note"><strong>How sure?</strong> ${said(sure, parts)}</p>`}`;
    const pairs = pairsFigure(parts);
    const shown = [first, second, sure, ...verdict.choices.flatMap(({ clauses }) => clauses)];
    const figures = shown.flatMap((one) => one?.figures ?? []);
    const under = html`${caveats(figures, parts)}`;
    return html`${lead}
${isAnswered ? null : html`<p class="note">${prose(missing.text)}</p>`}
${pairs === null ? html`${reasons}${under}` : html`<div class="verdicts"><div>${reasons}${under}</div>${pairs}</div>`}
${others.map((one) => html`<p>${said(one, parts)}</p>`)}${check}${parts.explainer.definitions()}`;
  },
};
