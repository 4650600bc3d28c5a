/** A comparison as data, and as text for users, pull requests and CI. Pure. */

import type { Estimate } from '../../core/stats/interval.ts';
import { formatFixed, formatRatio } from '../../core/text/format.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { resultLines } from '../../core/thresholds/judge.ts';
import { type RatesHere, ratesLines } from '../aa/known.ts';
import { type Confirmation, confirmationNotes, dropped, findingText, standing } from '../confirm/confirmation.ts';
import { redOf } from '../confirm/red.ts';
import { explanationLines } from '../explain/explain.ts';
import type { InstructionChange } from '../instructions/count.ts';
import { type ArmSecurity, securityWords } from '../security/judge.ts';
import type { ArmComparison, CostComparison, CostParts } from './compare.ts';
import type { CostMetric } from './costs/costs.ts';
import { INSTRUCTIONS, type Regression, round } from './regressions.ts';
import type { Verdict } from './verdict.ts';

export interface BuildSummary {
  readonly label: string;
  readonly commit: string | null;
  readonly node: string;
  /** A hash of its servers and its lock file. */
  readonly code: string;
}

/** The question of the comparison, so that another process can repeat it. */
export interface Asked {
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly budgetSeconds: number;
  /** Null if instructions were not counted. */
  readonly instructionsMarginPct: number | null;
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
  /** True if both run the same code, in which case nothing was measured. */
  readonly identical: boolean;
  /** The results of the security checks, for every guarded arm. */
  readonly security: readonly ArmSecurity[];
  /** Whether failed security checks should only be noted. */
  readonly unsafe: boolean;
  readonly arms: readonly ArmComparison[];
  readonly regressions: readonly Regression[];
  readonly thresholds: readonly ThresholdResult[];
  readonly notes: readonly string[];
  /** The class of the measuring machine. */
  readonly machineClass: string;
  readonly asked: Asked;
  /** Error rates of comparisons on this class of machine; null if no cost was compared. */
  readonly rates: RatesHere | null;
  /** The second measurement of failing results; null if there were none, or it was not requested. */
  readonly confirmation: Confirmation | null;
  /** Why this pair of several could not be compared; null if it was. */
  readonly failure: string | null;
}

export const WORDS: Readonly<Record<Verdict, string>> = {
  slower: 'slower',
  faster: 'faster',
  same: 'same',
  'cannot-tell': 'inconclusive',
};

/**
 * Why the head fails: security checks that it lost, regressions, and exceeded limits. Repeated results count only if
 * they fail both times; a lost check is never measured again.
 */
export function faultsOf(report: CompareReport): readonly string[] {
  const { arms, thresholds, confirmation } = report;
  const found =
    confirmation === null
      ? redOf(arms, thresholds).map(({ arm, kind, text }) => (kind === 'limit' ? text : `${arm}: ${text}`))
      : standing(confirmation).map(findingText);
  const failure = report.failure === null ? [] : [report.failure];
  return [...failure, ...(report.unsafe ? [] : securityFaults(report.security)), ...found];
}

/** Whether a cost rose; a higher count or an exceeded limit is worse, but not slower. */
export function isSlower({ arms, thresholds, confirmation }: CompareReport): boolean {
  const red = confirmation === null ? redOf(arms, thresholds) : standing(confirmation);
  return red.some(({ kind }) => kind === 'cost');
}

/** The faults in one word. */
export function redWords(report: CompareReport): string {
  if (report.failure !== null) return 'something could not be compared';
  return isSlower(report) ? 'something got slower' : 'something got worse';
}

/** Results that failed at first, but not again. */
function unconfirmedOf({ confirmation }: CompareReport): string[] {
  return confirmation === null ? [] : dropped(confirmation).map((finding) => `Not confirmed: ${findingText(finding)}`);
}

export function securityFaults(security: readonly ArmSecurity[]): string[] {
  return security.flatMap(({ arm, faults }) => faults.map((fault) => `${arm}: ${securityWords(fault)}`));
}

/** Notes about security next to the verdict: faults that are only noted, and checks that both builds fail. */
export function securityNotes({ security, unsafe }: CompareReport): string[] {
  const alike = security.flatMap(({ arm, alike }) => alike.map((finding) => `${arm}: ${securityWords(finding)}`));
  const noted = unsafe ? securityFaults(security).map((fault) => `Measured anyway (--unsafe): ${fault}`) : [];
  return [...noted, ...alike];
}

/** Results that must not be read as a passed comparison. */
function inconclusiveOf(arms: readonly ArmComparison[]): string[] {
  return arms.flatMap(({ arm, costs }) =>
    costs
      .filter(({ judged }) => judged.verdict === 'cannot-tell')
      .map((cost) => `${arm}: ${cost.metric} is ${costWords(cost)}`),
  );
}

/** Warnings that a workflow shows at the commit: inconclusive results. */
export function warningsOf(report: CompareReport): string[] {
  return [...inconclusiveOf(report.arms), ...unconfirmedOf(report), ...securityNotes(report)];
}

/** False if no pair of turns had this cost on both sides. */
export const isMeasured = ({ judged }: CostComparison) => Number.isFinite(judged.ratio.value);

export function interval(cost: CostComparison): string {
  return isMeasured(cost) ? ratioText(cost.judged.ratio) : 'no ratio';
}

function ratioText(ratio: Estimate): string {
  if (!Number.isFinite(ratio.high)) return `${formatFixed(ratio.value, 3)} [no interval yet]`;
  return formatRatio(ratio);
}

/** The effect of garbage collection on the whole cost: `+3.1 % [2.0–4.2]`. */
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
  if (!isMeasured(cost)) return 'inconclusive: it was not measured on both sides';
  if (judged.verdict !== 'cannot-tell') return WORDS[judged.verdict];
  if (minutesNeeded === null) return 'inconclusive: the difference is close to the margin';
  return `inconclusive: needs about ${minutesNeeded <= 1 ? '1 more minute' : `${Math.ceil(minutesNeeded)} more minutes`}`;
}

function presenceWords(arm: ArmComparison): string {
  return arm.presence === 'only-in-base' ? 'only in base' : 'only in head';
}

/** Hardware counters are shown without a verdict. */
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
      const costs = isMeasured(cost) ? `${formatFixed(cost.baseUs, 1)} → ${formatFixed(cost.headUs, 1)} µs` : 'no cost';
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
  lines.push(...resultLines(report.thresholds));
  const { base, head, marginPct, confidence } = report;
  lines.push(
    '',
    `${head.label} compared with ${base.label}: ratios with ${100 * confidence} % intervals, margin ${marginPct} %.`,
  );
  if (base.node !== head.node) lines.push(`They run on different versions of Node: ${base.node} and ${head.node}.`);
  lines.push(...securityNotes(report), ...report.notes, ...confirmedNotes(report), ...explainedLines(report));
  const faults = faultsOf(report);
  lines.push(faults.length === 0 ? conclusion(report) : `RED: ${faults.join('\nRED: ')}`);
  return `${lines.join('\n')}\n`;
}

/** Error rates of comparisons; the second measurement, and what it did not confirm. */
export function confirmedNotes(report: CompareReport): string[] {
  const { confirmation, rates, marginPct } = report;
  const known = rates === null ? [] : ratesLines(rates, marginPct);
  if (confirmation === null) return known;
  return [...known, ...confirmationNotes(confirmation), ...unconfirmedOf(report)];
}

/** The cause of a confirmed regression. A line that begins with blanks continues the previous one. */
export function explainedLines({ confirmation }: Pick<CompareReport, 'confirmation'>): string[] {
  const explanation = confirmation?.explanation ?? null;
  return explanation === null ? [] : explanationLines(explanation);
}

/** The conclusion of a comparison that did not fail. */
export function conclusion({ arms, interrupted, identical, confirmation }: CompareReport): string {
  if (confirmation !== null && !interrupted)
    return 'no regression was confirmed: the second measurement did not reproduce the first.';
  if (identical) return 'identical: there is nothing to compare.';
  if (interrupted) return 'Interrupted: the result covers what was compared so far.';
  const verdicts = arms.flatMap(({ costs }) => costs.map(({ judged }) => judged.verdict));
  if (verdicts.length === 0) return 'No count increased.';
  if (verdicts.every((verdict) => verdict === 'same')) return 'same: no arm got slower.';
  return verdicts.includes('cannot-tell')
    ? 'No arm is significantly slower, but some results are inconclusive: allow more time with --budget.'
    : 'No arm got slower.';
}
