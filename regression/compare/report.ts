/** A comparison as data, and as text for people, pull requests and CI. Pure. */

import type { Estimate } from '../../core/stats/interval.ts';
import { formatFixed, formatRatio } from '../../core/text/format.ts';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { brokenOf, resultLine } from '../../core/thresholds/judge.ts';
import type { InstructionChange } from '../instructions/count.ts';
import { type ArmSecurity, securityWords } from '../security/judge.ts';
import type { ArmComparison, CostComparison, CostParts } from './compare.ts';
import { INSTRUCTIONS, type Regression, regressionsOf, round } from './regressions.ts';
import type { Verdict } from './verdict.ts';

export interface BuildSummary {
  readonly label: string;
  readonly commit: string | null;
  readonly node: string;
}

/** What `--json` prints. */
export interface CompareReport {
  readonly command: string;
  readonly startedAt: string;
  readonly base: BuildSummary;
  readonly head: BuildSummary;
  readonly marginPct: number;
  readonly confidence: number;
  readonly seed: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  /** True if both run the same code, so that nothing was measured. */
  readonly identical: boolean;
  /** What the security checks found, of every arm that guards something. */
  readonly security: readonly ArmSecurity[];
  /** Whether faults of security were asked to be noted only. */
  readonly unsafe: boolean;
  readonly arms: readonly ArmComparison[];
  readonly regressions: readonly Regression[];
  readonly thresholds: readonly ThresholdResult[];
  readonly notes: readonly string[];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  slower: 'slower',
  faster: 'faster',
  same: 'same',
  'cannot-tell': 'inconclusive',
};

/** Why the head fails: what it verifies no longer, regressions, and limits that are broken. */
export function faultsOf(report: CompareReport): readonly string[] {
  return [
    ...(report.unsafe ? [] : securityFaults(report.security)),
    ...regressionsOf(report.arms).map(({ arm, text }) => `${arm}: ${text}`),
    ...brokenOf(report.thresholds).map(resultLine),
  ];
}

export function securityFaults(security: readonly ArmSecurity[]): string[] {
  return security.flatMap(({ arm, faults }) => faults.map((fault) => `${arm}: ${securityWords(fault)}`));
}

/** What security checks say beside a verdict: faults that are only noted, and what both builds fail. */
function securityNotes({ security, unsafe }: CompareReport): string[] {
  const alike = security.flatMap(({ arm, alike }) => alike.map((finding) => `${arm}: ${securityWords(finding)}`));
  const noted = unsafe ? securityFaults(security).map((fault) => `Measured all the same (--unsafe): ${fault}`) : [];
  return [...noted, ...alike];
}

/** What is not to be read as a passed comparison. */
function inconclusiveOf(arms: readonly ArmComparison[]): string[] {
  return arms.flatMap(({ arm, costs }) =>
    costs
      .filter(({ judged }) => judged.verdict === 'cannot-tell')
      .map((cost) => `${arm}: ${cost.metric} is ${costWords(cost)}`),
  );
}

/** What a workflow shows beside the commit that is neither good nor a fault. */
export function warningsOf(report: CompareReport): string[] {
  return [...inconclusiveOf(report.arms), ...securityNotes(report)];
}

function interval({ judged: { ratio } }: CostComparison): string {
  return ratioText(ratio);
}

function ratioText(ratio: Estimate): string {
  if (!Number.isFinite(ratio.high)) return `${formatFixed(ratio.value, 3)} [no interval yet]`;
  return formatRatio(ratio);
}

/** The change that garbage collection makes to the whole cost: `+3.1 % [2.0–4.2]`. */
export function gcWords({ gc }: CostParts): string {
  const pct = (ratio: number) => formatFixed(100 * (ratio - 1), 1);
  const { value, low, high } = gc.ratio;
  const sign = value < 1 ? '' : '+';
  return `${sign}${pct(value)} % ${Number.isFinite(high) ? `[${pct(low)} to ${pct(high)}]` : '[no interval yet]'}`;
}

function partLines({ parts }: CostComparison): string[] {
  if (parts === null) return [];
  const { steady, gc, baseGcUs, headGcUs } = parts;
  const gcUs = `${formatFixed(baseGcUs, 1)} → ${formatFixed(headGcUs, 1)} µs`;
  return [
    `    ${'without garbage collection'.padEnd(28)}${ratioText(steady.ratio)}  ${WORDS[steady.verdict]}`,
    `    ${'garbage collection'.padEnd(28)}${gcWords(parts)}  ${gcUs}  ${WORDS[gc.verdict]}`,
  ];
}

export function costWords(cost: CostComparison): string {
  const { judged, minutesNeeded } = cost;
  if (judged.verdict !== 'cannot-tell') return WORDS[judged.verdict];
  if (minutesNeeded === null) return 'inconclusive: the difference is about as large as the margin';
  return `inconclusive: needs about ${minutesNeeded <= 1 ? '1 more minute' : `${Math.ceil(minutesNeeded)} more minutes`}`;
}

function presenceWords(arm: ArmComparison): string {
  return arm.presence === 'only-in-base' ? 'only in base' : 'only in head';
}

/** Hardware counters are shown, and not judged. */
function counterLines({ counters }: ArmComparison): string[] {
  if (counters === null) return [];
  const { base, head } = counters;
  const line = (name: string, before: number | null, after: number | null) =>
    before === null || after === null
      ? []
      : [`  ${`${name} per request`.padEnd(30)}${changeWords({ base: before, head: after })}  not judged`];
  return [
    ...line('instructions:u', base.instructions, head.instructions),
    ...line('cycles:u', base.cycles, head.cycles),
  ];
}

function changeWords({ base, head }: Pick<InstructionChange, 'base' | 'head'>): string {
  const pct = 100 * (head / base - 1);
  return `${round(base)} → ${round(head)} (${pct < 0 ? '' : '+'}${formatFixed(pct, 2)} %)`;
}

export function compareText(report: CompareReport): string {
  const lines: string[] = [];
  for (const arm of report.arms) {
    lines.push(arm.arm);
    if (arm.presence !== 'both') lines.push(`  ${presenceWords(arm)}: nothing to compare`);
    for (const cost of arm.costs) {
      const costs = `${formatFixed(cost.baseUs, 1)} → ${formatFixed(cost.headUs, 1)} µs`;
      lines.push(
        `  ${cost.metric.padEnd(30)}${interval(cost)}  ${costs}  ${cost.forks} fresh starts  ${costWords(cost)}`,
        ...partLines(cost),
      );
    }
    if (arm.instructions !== null) {
      const { verdict, marginPct } = arm.instructions;
      lines.push(`  ${INSTRUCTIONS.padEnd(30)}${changeWords(arm.instructions)}  margin ${marginPct} %  ${verdict}`);
    }
    lines.push(...counterLines(arm));
    for (const { metric, base, head, verdict } of arm.guards) {
      const change = verdict === 'same' ? round(head) : `${round(base)} → ${round(head)}`;
      lines.push(`  ${metric.padEnd(30)}${change}  ${verdict}`);
    }
  }
  for (const result of report.thresholds) lines.push(resultLine(result));
  const { base, head, marginPct, confidence } = report;
  lines.push(
    '',
    `${head.label} compared with ${base.label}: ratios with ${100 * confidence} % intervals, margin ${marginPct} %.`,
  );
  if (base.node !== head.node) lines.push(`They run on different versions of Node: ${base.node} and ${head.node}.`);
  lines.push(...securityNotes(report), ...report.notes);
  const faults = faultsOf(report);
  lines.push(faults.length === 0 ? conclusion(report) : `RED: ${faults.join('\nRED: ')}`);
  return `${lines.join('\n')}\n`;
}

/** The conclusion of a comparison that did not fail. */
export function conclusion({ arms, interrupted, identical }: CompareReport): string {
  if (identical) return 'identical: there is nothing to compare.';
  if (interrupted) return 'Interrupted: the result covers what was compared so far.';
  const verdicts = arms.flatMap(({ costs }) => costs.map(({ judged }) => judged.verdict));
  if (verdicts.length === 0) return 'No count has risen.';
  if (verdicts.every((verdict) => verdict === 'same')) return 'same: no arm got slower.';
  return verdicts.includes('cannot-tell')
    ? 'No arm was shown to be slower, but some results are inconclusive: allow more time with --budget.'
    : 'No arm got slower.';
}

/** A bot finds its own comment by this mark. */
export const COMMENT_MARK = '<!-- tollgate-compare -->';

function costRows(arm: string, cost: CostComparison): string[] {
  const { metric, baseUs, headUs, parts } = cost;
  const us = (value: number) => `${formatFixed(value, 1)} µs`;
  const gc =
    parts &&
    `| ${arm} | of it garbage collection | ${us(parts.baseGcUs)} | ${us(parts.headGcUs)} | ${gcWords(parts)} | ${WORDS[parts.gc.verdict]} |`;
  return [
    `| ${arm} | ${metric} | ${us(baseUs)} | ${us(headUs)} | ${interval(cost)} | ${costWords(cost)} |`,
    ...(gc === null ? [] : [gc]),
  ];
}

function titleOf({ security, unsafe }: CompareReport): string {
  const less = !unsafe && securityFaults(security).length > 0;
  return less ? 'head verifies less than base, so nothing was measured' : 'something got slower';
}

function countLines({ arms }: CompareReport, changed: readonly string[]): string[] {
  if (arms.every(({ guards }) => guards.length === 0)) return [];
  return changed.length === 0
    ? ['No count has changed: Redis commands, bytes, cookies, event-loop iterations, allocations.', '']
    : ['| arm | counted per request | base | head | |', '|---|---|--:|--:|---|', ...changed, ''];
}

export function compareMarkdown(report: CompareReport): string {
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
    ...(costs.length === 0
      ? []
      : ['| arm | metric | base | head | ratio | verdict |', '|---|---|--:|--:|--:|---|', ...costs, '']),
    ...(instructions.length === 0
      ? []
      : ['| arm | counted in interpreted code | base | head | |', '|---|---|--:|--:|---|', ...instructions, '']),
    ...countLines(report, changed),
    ...report.thresholds.map((result) => `- ${escapeMarkdown(resultLine(result))}`),
    ...[...securityNotes(report), ...report.notes].map((note) => `- ${escapeMarkdown(note)}`),
    '',
    `<sub>${escapeMarkdown(head.label)} compared with ${escapeMarkdown(base.label)}; ${100 * confidence} % intervals, margin ${marginPct} %, ${Math.round(report.seconds)} s. To repeat: <code>${escapeMarkdown(report.command)} --seed ${report.seed}</code></sub>`,
    '',
  ].join('\n');
}
