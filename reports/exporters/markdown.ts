import type { Figure } from '../../core/results/schema.ts';
import { FLAG_MARK, letterMarks, type MarkedFlag } from '../../core/text/flags.ts';
import { formatCores, formatCount, formatEstimate, formatSeconds, formatTime } from '../../core/text/format.ts';
import { codeBlock, escapeMarkdown, markdownName } from '../../core/text/markdown.ts';
import { answersOf } from '../charts/answers.ts';
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { verdictText } from '../claims/ledger.ts';
import { ARM_COLUMNS, PLACE_HEAD, STATE_HEAD } from '../view/columns.ts';
import { glossaryOf } from '../view/glossary.ts';
import type { Decision, ReportView } from '../view/view.ts';
import type { Exporter } from './exporter.ts';

function cell(figure: Figure | null, flags: readonly MarkedFlag[]): string {
  if (figure === null) return '—';
  return [escapeMarkdown(formatEstimate(figure)), letterMarks([figure], flags)].filter((part) => part !== '').join(' ');
}

function decisionRow(row: Decision, view: ReportView): string {
  const { flags, baseline } = view;
  const name = `${markdownName(row.arm.name)}${row.arm === baseline ? ' (baseline)' : ''}`;
  const place = view.ranking === null ? [] : [row.place];
  const cells = ARM_COLUMNS.map(({ field }) => cell(row[field], flags));
  return `| ${[name, ...place, ...cells, escapeMarkdown(row.arm.serverState)].join(' | ')} |`;
}

function choices({ verdict, flags }: ReportView): string[] {
  return verdict.choices.map(({ choose, clauses }) => {
    const lines = clauses.map(({ need, text, figures }) => {
      const marks = letterMarks(figures, flags);
      return `- **${need}**: ${escapeMarkdown(text)}${marks === '' ? '' : ` ${marks}`}`;
    });
    return [`Choose ${choose} if …`, '', ...lines].join('\n');
  });
}

function terms(view: ReportView): string[] {
  const lines = glossaryOf(view).map(
    ({ term, meaning }) => `- **${escapeMarkdown(term)}**: ${escapeMarkdown(meaning)}`,
  );
  return ['## How to read this', lines.join('\n')];
}

function decisionTable(view: ReportView): string[] {
  if (view.decisions.length === 0) return [];
  const place = view.ranking === null ? [] : [PLACE_HEAD];
  const heads = ['Arm', ...place, ...ARM_COLUMNS.map(({ head }) => head), STATE_HEAD];
  const rule = heads.map((head) => (head === 'Arm' || head === STATE_HEAD ? '---' : '--:'));
  const lines = [heads, rule].map((cells) => `| ${cells.join(' | ')} |`);
  return ['## The arms', [...lines, ...view.decisions.map((row) => decisionRow(row, view))].join('\n')];
}

function findings(charts: readonly DrawnChart[], flags: readonly MarkedFlag[]): string[] {
  if (charts.length === 0) return [];
  const lines = charts.map((chart) => {
    const marks = letterMarks(chart.figures, flags);
    return `- **[${chart.title}](charts/${chart.id}.svg)**: ${escapeMarkdown(chart.sentence)}${marks === '' ? '' : ` ${marks}`}`;
  });
  return ['## Findings', lines.join('\n')];
}

function claims({ claims: ledger }: ReportView): string[] {
  if (ledger.length === 0) return [];
  const rows = ledger.map((entry) => {
    const { claim, because, contrary } = entry;
    const why = contrary === null ? because : `${because} Contrary to common belief: ${contrary}`;
    return `| ${claim.number} | ${escapeMarkdown(claim.statement)} | ${escapeMarkdown(verdictText(entry))} | ${escapeMarkdown(why)} |`;
  });
  return ['## Claims', ['| | Claim | Verdict | Because |', '|--:|---|---|---|', ...rows].join('\n')];
}

function experiments(view: ReportView): string[] {
  const lines = view.run.experiments.map(({ name, question, forks, blocks, requests, seconds, stoppedBy }) => {
    const amount = `${formatCount(forks)} ${forks === 1 ? 'fresh start' : 'fresh starts'}, ${formatCount(blocks)} ${blocks === 1 ? 'block' : 'blocks'}, ${formatCount(requests)} requests`;
    const ended = `${formatSeconds(seconds)}, ${stoppedBy === null ? 'still running' : `ended by ${stoppedBy}`}`;
    return `- **${escapeMarkdown(name)}**: ${escapeMarkdown(question)} ${amount}, ${ended}.`;
  });
  return lines.length === 0 ? [] : ['## Experiments', lines.join('\n')];
}

/** For a pull request, a terminal or a wiki. */
export const markdown: Exporter = {
  name: 'markdown',
  render(view, charts) {
    const { run, flags } = view;
    const { cpuModel, cores, node, redis } = run.environment;
    const machine = `${cpuModel}, ${formatCores(cores)}, Node ${node}${redis === null ? '' : `, ${redis}`}`;
    const parts = [
      `# Tollgate: ${escapeMarkdown(run.runId)}`,
      `${escapeMarkdown(formatTime(run.startedAt))} · ${escapeMarkdown(machine)} · ${run.config.profile} profile, seed ${run.config.seed}`,
      ...view.warnings.map((warning) => `> **Warning:** ${escapeMarkdown(warning)}`),
      ...answersOf(view).map(({ text, figures }) =>
        [escapeMarkdown(text), letterMarks(figures, flags)].filter((part) => part !== '').join(' '),
      ),
      ...choices(view),
      ...(view.aa === null ? [] : [escapeMarkdown(view.aa.sentence)]),
      ...terms(view),
      ...decisionTable(view),
      ...claims(view),
      ...findings(charts, flags),
      ...(flags.length === 0
        ? []
        : [
            `## Caveats (${FLAG_MARK})`,
            flags
              .map(
                (flag) =>
                  `- **${flag.letter}: ${flag.title}** (${flag.figures} ${flag.figures === 1 ? 'figure' : 'figures'}). ${flag.advice}`,
              )
              .join('\n'),
          ]),
      ...experiments(view),
      ...(run.notes.length === 0 ? [] : ['## Notes', run.notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')]),
      '## How to reproduce',
      codeBlock(run.commandLine),
      ...(view.reproduceHint === null ? [] : [view.reproduceHint]),
    ];
    return [{ path: 'summary.md', content: `${parts.filter((part) => part !== '').join('\n\n')}\n` }];
  },
};
