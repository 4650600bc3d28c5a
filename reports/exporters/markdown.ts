import type { Figure } from '../../core/results/schema.ts';
import { FLAG_MARK, flagScope, letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import {
  counted,
  formatCores,
  formatCount,
  formatEstimate,
  formatSeconds,
  formatTime,
} from '../../core/text/format.ts';
import { codeBlock, escapeMarkdown, markdownName } from '../../core/text/markdown.ts';
import { answersOf } from '../charts/answers.ts';
import { frontierSentences } from '../charts/revocation/frontier.ts';
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { verdictText } from '../claims/ledger.ts';
import { capacityAnswers, objectiveOfRun } from '../view/capacity.ts';
import { ARM_COLUMNS, type ArmColumn, PLACE_HEAD, STATE_HEAD } from '../view/columns.ts';
import { glossaryOf } from '../view/glossary.ts';
import { STOPPED_BY } from '../view/stopped-by.ts';
import type { Decision, ReportView } from '../view/view.ts';
import type { Exporter } from './exporter.ts';

function cell(figure: Figure | null, flags: readonly MarkedFlag[]): string {
  if (figure === null) return '—';
  return [escapeMarkdown(formatEstimate(figure)), letterMarks([figure], flags)].filter((part) => part !== '').join(' ');
}

function decisionRow(row: Decision, view: ReportView, columns: readonly ArmColumn[]): string {
  const { flags, baseline } = view;
  const name = `${markdownName(row.arm.name)}${row.arm === baseline ? ' (baseline)' : ''}`;
  const place = view.ranking === null ? [] : [row.place];
  const cells = columns.map(({ field }) => cell(row[field], flags));
  return `| ${[name, ...place, ...cells, escapeMarkdown(row.arm.serverState)].join(' | ')} |`;
}

/** A line for each choice: its needs, and the evidence for each. Results of the reference run have a separate line. */
function choices({ verdict, missing, flags }: ReportView): string[] {
  const lines = verdict.choices.map(({ choose, clauses }) => {
    const needs = clauses.map(({ need, text, figures }) => {
      const marks = letterMarks(figures, flags);
      return `**${need}** (${escapeMarkdown(text)}${marks === '' ? '' : ` ${marks}`})`;
    });
    return `- Choose ${choose} if ${needs.join('; or ')}.`;
  });
  const { reference } = missing;
  const others = (reference?.choice?.clauses ?? []).map(
    ({ need, text }) =>
      `- Not measured in this run. The reference run (${escapeMarkdown(reference?.origin ?? '')}) speaks for ${reference?.choice?.choose} if **${need}**: ${escapeMarkdown(text)}.`,
  );
  const all = [...lines, ...others];
  return all.length === 0 ? [] : [all.join('\n')];
}

function terms(view: ReportView): string[] {
  const lines = glossaryOf(view).map(
    ({ term, meaning }) => `- **${escapeMarkdown(term)}**: ${escapeMarkdown(meaning)}`,
  );
  return [lines.join('\n')];
}

/** The most important columns, for a narrow table. */
const BRIEF: readonly ArmColumn['field'][] = ['total', 'ratio', 'redisCommands', 'requestBytes'];

function decisionTable(view: ReportView, columns: readonly ArmColumn[]): string[] {
  if (view.decisions.length === 0) return [];
  const place = view.ranking === null ? [] : [PLACE_HEAD];
  const heads = ['Arm', ...place, ...columns.map(({ head }) => head), STATE_HEAD];
  const rule = heads.map((head) => (head === 'Arm' || head === STATE_HEAD ? '---' : '--:'));
  const lines = [heads, rule].map((cells) => `| ${cells.join(' | ')} |`);
  return [[...lines, ...view.decisions.map((row) => decisionRow(row, view, columns))].join('\n')];
}

/** The load that meets the objective, by arm and number of replicas. */
function capacity(view: ReportView): string[] {
  const answers = capacityAnswers(view);
  if (answers.length === 0) return [];
  const heads = ['Arm', 'Replicas', 'Recommended', 'Peak', 'Per busy core', 'By the model', 'What broke first'];
  const rule = ['---', '--:', '--:', '--:', '--:', '--:', '---'];
  const rows = answers.map(({ arm, replicas, recommended, peak, perCore, model, brokeFirst, remark }) => [
    markdownName(arm),
    String(replicas),
    ...[recommended, peak, perCore, model].map((figure) => cell(figure, view.flags)),
    escapeMarkdown([brokeFirst, remark].filter((text) => text !== null && text !== '').join('; ')) || '—',
  ]);
  const objective = escapeMarkdown(objectiveOfRun(view));
  return [
    `**Load in req/s with ${objective}.** The peak leaves no headroom; plan with the recommended rate.`,
    [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
  ];
}

function findings(charts: readonly DrawnChart[], flags: readonly MarkedFlag[]): string[] {
  if (charts.length === 0) return [];
  const lines = charts.map((chart) => {
    const marks = letterMarks(chart.figures, flags);
    return `- **[${chart.title}](charts/${chart.id}.svg)**: ${escapeMarkdown(chart.sentence)}${marks === '' ? '' : ` ${marks}`}`;
  });
  return [lines.join('\n')];
}

function claims({ claims: ledger }: ReportView): string[] {
  if (ledger.length === 0) return [];
  // A list of what was not measured would hide what was.
  if (ledger.every(({ verdict }) => verdict === 'not measured'))
    return ['This run judges none of them: its experiments measure something else, or it ended too early.'];
  const rows = ledger.map((entry) => {
    const { claim, because, contrary } = entry;
    const why = contrary === null ? because : `${because} Contrary to common belief: ${contrary}`;
    return `| ${claim.number} | ${escapeMarkdown(claim.statement)} | ${escapeMarkdown(verdictText(entry))} | ${escapeMarkdown(why)} |`;
  });
  return [['| | Claim | Verdict | Because |', '|--:|---|---|---|', ...rows].join('\n')];
}

function experiments(view: ReportView): string[] {
  const lines = view.run.experiments.map(({ name, question, forks, blocks, requests, seconds, stoppedBy }) => {
    const amount = `${counted(forks, 'fresh start')}, ${counted(blocks, 'block')}, ${formatCount(requests)} requests`;
    const ended = `${formatSeconds(seconds)}, ${stoppedBy === null ? 'still running' : `ended because ${STOPPED_BY[stoppedBy]}`}`;
    return `- **${escapeMarkdown(name)}**: ${escapeMarkdown(question)} ${amount}, ${ended}.`;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function caveats({ flags }: ReportView): string[] {
  const lines = flags.map((flag) => `- **${flag.letter}: ${flag.title}** (${flagScope(flag)}). ${flag.advice}`);
  return lines.length === 0 ? [] : [lines.join('\n')];
}

/** A folded section: the blank lines make its content Markdown again. */
function folded(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`<details><summary>${title}</summary>`, ...parts, '</details>'];
}

function claimsTitle({ claims: ledger }: ReportView): string {
  const judged = ledger.filter(({ verdict }) => verdict !== 'not measured');
  return judged.length === 0 ? 'Claims of the debate' : `Claims of the debate: ${judged.length} judged`;
}

/** The number of sentences about the ordinary session and token that are shown; the others are folded. */
const MOST_SENTENCES = 2;

/** For a pull request: a verdict and one table, with everything else folded. */
export const markdown: Exporter = {
  name: 'markdown',
  render(view, charts) {
    const { run, flags } = view;
    const { cpuModel, cores, node, redis } = run.environment;
    const machine = `${cpuModel}, ${formatCores(cores)}, Node ${node}${redis === null ? '' : `, ${redis}`}`;
    const sentences = answersOf(view).map(({ text, figures }) =>
      [escapeMarkdown(text), letterMarks(figures, flags)].filter((part) => part !== '').join(' '),
    );
    const reproduce = [codeBlock(run.commandLine), ...(view.reproduceHint === null ? [] : [view.reproduceHint])];
    const more = [
      ...sentences.slice(MOST_SENTENCES),
      ...(view.aa === null ? [] : [escapeMarkdown(view.aa.sentence)]),
      ...decisionTable(view, ARM_COLUMNS),
    ];
    const brief = ARM_COLUMNS.filter(({ field }) => BRIEF.includes(field));
    const notes = run.notes.length === 0 ? [] : [run.notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')];
    const parts = [
      `# Tollgate: ${escapeMarkdown(run.runId)}`,
      ...view.warnings.map((warning) => `> **Warning:** ${escapeMarkdown(warning)}`),
      ...capacity(view),
      ...sentences.slice(0, MOST_SENTENCES),
      ...choices(view),
      ...frontierSentences(view).map(escapeMarkdown),
      ...decisionTable(view, brief),
      `${escapeMarkdown(formatTime(run.startedAt))} · ${escapeMarkdown(machine)} · ${run.config.profile} profile, seed ${run.config.seed}`,
      ...folded('More of the answer, and every column', more),
      ...folded(claimsTitle(view), claims(view)),
      ...folded('Findings', findings(charts, flags)),
      ...folded(`Caveats (${FLAG_MARK})`, caveats(view)),
      ...folded('How to read this', terms(view)),
      ...folded('Experiments', experiments(view)),
      ...folded('Notes', notes),
      ...folded('How to reproduce', reproduce),
    ];
    return [{ path: 'summary.md', content: `${parts.filter((part) => part !== '').join('\n\n')}\n` }];
  },
};
