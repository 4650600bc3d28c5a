/** Runs side by side, as a page and as Markdown. Pure. */
import type { Figure } from '../../core/results/schema.ts';
import { formatEstimate, formatFactors, formatTime } from '../../core/text/format.ts';
import { escapeMarkdown, markdownName } from '../../core/text/markdown.ts';
import { headOf, POLICY } from '../head.ts';
import { html } from '../html.ts';
import { STYLE } from '../page/style.ts';
import { type Compared, letters, type NamedRun, type Row, type SideBySide, sentences } from './side-by-side.ts';

const TITLE = 'Runs side by side';
const CAVEAT =
  'Intervals reflect the variation within a run. A machine also varies from hour to hour: to compare two versions, use npm run compare, which alternates between them.';

const RUN_HEADS = ['Run', 'Folder', 'Begun', 'Machine', 'Node', 'Version', 'Profile', 'Command'];

function runCells({ name, run }: NamedRun): string[] {
  const { cpuModel, cores, node, gitCommit, gitDirty } = run.environment;
  const version =
    gitCommit === null ? 'unknown' : `${gitCommit.slice(0, 12)}${gitDirty === false ? '' : ' with changes'}`;
  return [
    name,
    formatTime(run.startedAt),
    `${cpuModel}, ${cores} cores`,
    node,
    version,
    run.config.profile,
    run.commandLine,
  ];
}

const rowName = ({ experiment, arm, factors, metric }: Row) => {
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  return `${arm ?? experiment}: ${metric}${place}`;
};

const valueText = (figure: Figure | null) => (figure === null ? '—' : formatEstimate(figure));

function ratioText(compared: Compared | null): string {
  if (compared === null) return '—';
  const { ratio, outcome } = compared;
  return `${formatEstimate({ ...ratio, unit: '×' })}, ${outcome}`;
}

/** The ratio columns of those runs that are compared with the first. */
const comparedRuns = ({ reasons }: SideBySide) => reasons.flatMap((why, i) => (i > 0 && why.length === 0 ? [i] : []));

function headsOf(found: SideBySide): string[] {
  const names = letters(found);
  return ['Figure', ...comparedRuns(found).map((i) => `${names[i]} ÷ ${names[0]}`), ...names];
}

function cellsOf(row: Row, found: SideBySide): string[] {
  const ratios = comparedRuns(found).map((i) => ratioText(row.against[i] ?? null));
  return [...ratios, ...row.figures.map(valueText)];
}

export function sideBySideMarkdown(found: SideBySide): string {
  const names = letters(found);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const heads = headsOf(found);
  const runs = found.runs.map((run, i) => line([names[i] ?? '', ...runCells(run).map(escapeMarkdown)]));
  const rows = found.rows.map((row) => {
    const name = `${row.arm === null ? '' : `${markdownName(row.arm)} `}${escapeMarkdown(rowName({ ...row, arm: '' }).slice(2))}`;
    return line([name, ...cellsOf(row, found).map(escapeMarkdown)]);
  });
  return [
    `# ${TITLE}`,
    ...sentences(found).map(escapeMarkdown),
    [line(RUN_HEADS), line(RUN_HEADS.map(() => '---')), ...runs].join('\n'),
    [line(heads), line(heads.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows].join('\n'),
    CAVEAT,
    '',
  ].join('\n\n');
}

export function sideBySidePage(found: SideBySide): string {
  const names = letters(found);
  const heads = headsOf(found);
  const runs = found.runs.map(
    (
      run,
      i,
    ) => html`<tr><th scope="row">${names[i] ?? ''}</th>${runCells(run).map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  );
  const rows = found.rows.map(
    (
      row,
    ) => html`<tr><th scope="row">${rowName(row)}</th>${cellsOf(row, found).map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  );
  const scroll = (label: string) => html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">`;
  return html`${headOf({ title: TITLE.toLowerCase(), style: STYLE, policy: POLICY })}
<body>
<header><p class="brand">Tollgate</p><h1>${TITLE}</h1>
${sentences(found).map((sentence) => html`<p class="lead">${sentence}</p>`)}</header>
<main id="main">
<section><h2>The runs</h2>
${scroll('The runs')}<table><thead><tr>${RUN_HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${runs}</tbody></table></div></section>
<section><h2>Their figures</h2>
${scroll('Their figures')}<table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>
<p class="note">${CAVEAT}</p></section>
</main>
</body>
</html>
`.markup;
}
