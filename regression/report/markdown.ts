/** A comparison as Markdown, for a pull request. Pure. */
import { basename } from 'node:path';
import { formatFixed } from '../../core/text/format.ts';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import { resultLines } from '../../core/thresholds/judge.ts';
import type { CostComparison } from '../compare/compare.ts';
import { INSTRUCTIONS, round } from '../compare/regressions.ts';
import {
  type CompareReport,
  conclusion,
  confirmedNotes,
  costWords,
  explainedLines,
  faultsOf,
  gcWords,
  interval,
  isMeasured,
  redWords,
  securityFaults,
  securityNotes,
  WORDS,
} from '../compare/report.ts';
import { outcomeOf } from '../confirm/confirmation.ts';

/** A bot finds its own comment by this mark. */
export const COMMENT_MARK = '<!-- tollgate-compare -->';

function costRows(arm: string, cost: CostComparison): string[] {
  const { metric, baseUs, headUs, parts } = cost;
  const us = (value: number) => (isMeasured(cost) ? `${formatFixed(value, 1)} µs` : '–');
  const gc =
    parts &&
    `| ${arm} | of it garbage collection | ${us(parts.baseGcUs)} | ${us(parts.headGcUs)} | ${gcWords(parts)} | ${WORDS[parts.gc.verdict]} |`;
  return [
    `| ${arm} | ${metric} | ${us(baseUs)} | ${us(headUs)} | ${interval(cost)} | ${costWords(cost)} |`,
    ...(gc === null ? [] : [gc]),
  ];
}

function titleOf(report: CompareReport): string {
  const { security, unsafe, confirmation } = report;
  const less = !unsafe && securityFaults(security).length > 0;
  if (less) return 'head fails checks that base passes, so nothing was measured';
  if (confirmation === null) return redWords(report);
  return `${outcomeOf(confirmation) === 'confirmed' ? 'confirmed' : 'not measured again'}: ${redWords(report)}`;
}

function countLines({ arms }: CompareReport, changed: readonly string[]): string[] {
  if (arms.every(({ guards }) => guards.length === 0)) return [];
  return changed.length === 0
    ? ['No count changed: Redis commands, bytes, cookies, event-loop iterations, allocations.', '']
    : ['| arm | counted per request | base | head | |', '|---|---|--:|--:|---|', ...changed, ''];
}

/** The most useful part for a reviewer: the package and the function. */
function explained(report: CompareReport, flame: string | null): string[] {
  const lines = explainedLines(report).map((line) => {
    const indent = line.startsWith(' ') ? '  ' : '';
    return `${indent}- ${escapeMarkdown(line.trim())}`;
  });
  const isDrawn = report.confirmation?.explanation?.arms.some((arm) => arm.flame !== null) === true;
  const drawn =
    isDrawn && flame !== null ? [`- The flame graph of base and head is in ${escapeMarkdown(basename(flame))}.`] : [];
  return lines.length === 0 ? [] : ['### Where it comes from', '', ...lines, ...drawn, ''];
}

/** @param flame the file with the flame graph, of which only the name means anything elsewhere; null without one */
export function compareMarkdown(report: CompareReport, flame: string | null = null): string {
  const faults = faultsOf(report);
  const costs = report.arms.flatMap(({ arm, presence, costs }) =>
    presence === 'both'
      ? costs.flatMap((cost) => costRows(escapeMarkdown(arm), cost))
      : [`| ${escapeMarkdown(arm)} | | | | | ${presence === 'only-in-base' ? 'only in base' : 'only in head'} |`],
  );
  const instructions = report.arms.flatMap(({ arm, instructions: change }) =>
    change === null
      ? []
      : [
          `| ${escapeMarkdown(arm)} | ${INSTRUCTIONS} | ${round(change.base)} | ${round(change.head)} | ${change.verdict} |`,
        ],
  );
  const changed = report.arms.flatMap(({ arm, guards }) =>
    guards
      .filter(({ verdict }) => verdict === 'more' || verdict === 'fewer')
      .map(
        ({ metric, base, head, verdict }) =>
          `| ${escapeMarkdown(arm)} | ${metric} | ${round(base)} | ${round(head)} | ${verdict} |`,
      ),
  );
  const { base, head, marginPct, confidence } = report;
  return [
    COMMENT_MARK,
    `## Tollgate: ${faults.length === 0 ? conclusion(report) : titleOf(report)}`,
    ...faults.map((fault) => `- ❌ ${escapeMarkdown(fault)}`),
    '',
    ...explained(report, flame),
    ...(costs.length === 0
      ? []
      : ['| arm | metric | base | head | ratio | verdict |', '|---|---|--:|--:|--:|---|', ...costs, '']),
    ...(instructions.length === 0
      ? []
      : ['| arm | counted in interpreted code | base | head | |', '|---|---|--:|--:|---|', ...instructions, '']),
    ...countLines(report, changed),
    ...resultLines(report.thresholds).map((line) => `- ${escapeMarkdown(line)}`),
    ...[...securityNotes(report), ...report.notes, ...confirmedNotes(report)].map(
      (note) => `- ${escapeMarkdown(note)}`,
    ),
    '',
    `<sub>${escapeMarkdown(head.label)} compared with ${escapeMarkdown(base.label)}; ${100 * confidence} % intervals, margin ${marginPct} %, ${Math.round(report.seconds)} s. To repeat: <code>${escapeMarkdown(report.command)} --seed ${report.seed}</code></sub>`,
    '',
  ].join('\n');
}
