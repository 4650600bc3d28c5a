/** Figures as a compact table: arms across where they have several levels of a factor, else metrics across. */
import { METRICS } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import { letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import { formatEstimate } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import type { ArmView, ReportView } from '../view/view.ts';

/** `replicas 4, quantile p99` */
export function factorText({ factors, source }: Figure): string {
  const levels = Object.entries(factors).map(([name, level]) => `${name.replaceAll('_', ' ')} ${level}`);
  return [...levels, ...(source === 'model' ? ['from a model'] : [])].join(', ');
}

function cell(figure: Figure | undefined, flags: readonly MarkedFlag[]): SafeHtml {
  if (figure === undefined) return html`<td></td>`;
  const marks = letterMarks([figure], flags);
  return html`<td>${formatEstimate(figure)}${marks === '' ? null : ` ${marks}`}</td>`;
}

const armHead = (name: string | null) => html`<code>${name ?? '—'}</code>`;

/** Rows of arms, columns of metrics: for figures of which each arm has one. */
function byMetric(
  figures: readonly Figure[],
  arms: readonly (string | null)[],
  flags: readonly MarkedFlag[],
): SafeHtml {
  const columns = [...Map.groupBy(figures, (figure) => `${figure.metric}\n${factorText(figure)}`).values()];
  const heads = columns.flatMap(([first]) => (first === undefined ? [] : [first]));
  return html`<thead><tr><th scope="col">Arm</th>${heads.map((head) => html`<th scope="col">${METRICS[head.metric].meaning}${factorText(head) === '' ? null : html` <small>${factorText(head)}</small>`}</th>`)}</tr></thead>
<tbody>${arms.map(
    (arm) => html`<tr><th scope="row">${armHead(arm)}</th>${columns.map((own) =>
      cell(
        own.find((figure) => figure.arm === arm),
        flags,
      ),
    )}</tr>
`,
  )}</tbody>`;
}

/** Rows of factors, columns of arms; one part for each metric. */
function byArm(figures: readonly Figure[], arms: readonly (string | null)[], flags: readonly MarkedFlag[]): SafeHtml {
  const metrics = [...Map.groupBy(figures, ({ metric }) => metric)];
  return html`<thead><tr><th scope="col" class="text">Factors</th>${arms.map((arm) => html`<th scope="col">${armHead(arm)}</th>`)}</tr></thead>
${metrics.map(
  ([metric, own]) =>
    html`<tbody><tr><th scope="rowgroup" colspan="${arms.length + 1}" class="text"><em>${METRICS[metric].meaning}</em></th></tr>${[
      ...Map.groupBy(own, factorText),
    ].map(
      ([factors, row]) => html`<tr><th>${factors}</th>${arms.map((arm) =>
        cell(
          row.find((figure) => figure.arm === arm),
          flags,
        ),
      )}</tr>
`,
    )}</tbody>`,
)}`;
}

/** Arms in the order of the run; figures without an arm come last. */
function armsOf(figures: readonly Figure[], all: readonly ArmView[]): (string | null)[] {
  const named = all.map(({ name }) => name).filter((name) => figures.some(({ arm }) => arm === name));
  return figures.some(({ arm }) => arm === null) ? [...named, null] : named;
}

/** @param label names the table for those who do not see it */
export function figureTable(
  figures: readonly Figure[],
  { arms: all, flags }: Pick<ReportView, 'arms' | 'flags'>,
  label: string,
): SafeHtml {
  const arms = armsOf(figures, all);
  const columns = new Set(figures.map((figure) => `${figure.metric}\n${factorText(figure)}`)).size;
  const body = columns <= 6 ? byMetric(figures, arms, flags) : byArm(figures, arms, flags);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="figures">${body}</table></div>`;
}
