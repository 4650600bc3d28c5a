/** The view of a run for its report: everything that charts and exporters need, computed once. Pure. */

import { type ArmSummary, NO_FACTS, namesOfRole } from '../../core/results/arms.ts';
import { failedArms, type GateResult } from '../../core/results/gate-schema.ts';
import type { Reference } from '../../core/results/reference/reference.ts';
import { isLoneSample } from '../../core/results/sampled.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { type MarkedFlag, markFlags } from '../../core/text/flags.ts';
import { formatCount, formatEstimate, list } from '../../core/text/format.ts';
import { type LedgerEntry, ledgerOf } from '../claims/ledger.ts';
import { type ArmFigure, tollFigures } from './figures.ts';
import { headline, revocationSentence } from './headline.ts';
import { type Missing, missingOf } from './missing.ts';
import { armColours } from './palette.ts';
import { type CostRanking, placeOf, rankCosts } from './ranking.ts';
import { type Statement, withInheritedFlags } from './statement.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface ArmView extends ArmSummary {
  readonly colour: string;
}

/** One line of the decision table: an arm and its `toll` figures, which are null if they were not measured. */
export interface Decision {
  readonly arm: ArmView;
  /**
   * Its rank by CPU time per request, marked if others are indistinguishable from it; empty for an arm without a
   * rank.
   */
  readonly place: string;
  readonly cpu: Figure | null;
  readonly ratio: Figure | null;
  readonly toll: Figure | null;
  /** CPU time of replica and Redis together. */
  readonly total: Figure | null;
  readonly redisCpu: Figure | null;
  readonly redisCommands: Figure | null;
  readonly requestBytes: Figure | null;
  readonly responseBytes: Figure | null;
}

/** Two identical baselines compared: if the interval excludes 1, the method itself is off. */
export interface AaCheck {
  readonly figure: Figure;
  readonly holds: boolean;
  readonly sentence: string;
}

export interface ReportView {
  /** The run without the control, which is no arm to compare. */
  readonly run: Run;
  /** The complete run, for machine-readable exports. */
  readonly whole: Run;
  readonly headline: readonly Statement[];
  readonly verdict: Verdict;
  /** What a reader must know first: an interrupted, failed or damaged run. */
  readonly warnings: readonly string[];
  readonly arms: readonly ArmView[];
  /** The unguarded arm, if the run has it. */
  readonly baseline: ArmView | null;
  /** The baseline, then by the ranking of costs, the cheapest first; without the A/A copy. */
  readonly decisions: readonly Decision[];
  /** Which arms differ in cost; null if none were compared. */
  readonly ranking: CostRanking | null;
  readonly aa: AaCheck | null;
  readonly flags: readonly MarkedFlag[];
  /** The security checks; null if none were run. */
  readonly gate: GateResult | null;
  /** Every claim, judged by this run. */
  readonly claims: readonly LedgerEntry[];
  /** How to measure the rest, and the results of the reference run. */
  readonly missing: Missing;
  /** What else is needed to reproduce the run exactly; null if the command line is enough. */
  readonly reproduceHint: string | null;
}

function describeArms(run: Run): ArmView[] {
  const known = new Map<string, ArmSummary>(run.arms.map((arm) => [arm.name, arm]));
  for (const { arm } of run.figures) {
    if (arm !== null && !known.has(arm)) {
      known.set(arm, { name: arm, title: arm, summary: '', role: 'guarded', family: '', serverState: '', ...NO_FACTS });
    }
  }
  const colours = armColours([...known.values()]);
  return [...known.values()].map((arm) => ({ ...arm, colour: colours.get(arm.name) ?? '' }));
}

/** Orders rows: the baseline first, then arms with a rank, then the others. */
function inPlaces(rows: readonly Decision[], ranking: CostRanking | null): Decision[] {
  const places = ranking?.arms.map(({ arm }) => arm) ?? [];
  const group = ({ arm }: Decision) => (arm.role === 'baseline' ? 0 : places.includes(arm.name) ? 1 : 2);
  const within = (row: Decision) =>
    group(row) === 1 ? places.indexOf(row.arm.name) : (row.total?.value ?? row.cpu?.value ?? Number.MAX_VALUE);
  return rows.toSorted((a, b) => group(a) - group(b) || within(a) - within(b));
}

function decide(run: Run, arms: readonly ArmView[], ranking: CostRanking | null): Decision[] {
  const totalRatios = tollFigures(run, 'total_cpu_ratio_to_baseline');
  const columns = {
    cpu: tollFigures(run, 'cpu_us_per_request'),
    // Older results have no ratio that includes Redis.
    ratio: totalRatios.length > 0 ? totalRatios : tollFigures(run, 'cpu_ratio_to_baseline'),
    total: tollFigures(run, 'total_cpu_us_per_request'),
    toll: tollFigures(run, 'cpu_toll_us'),
    redisCpu: tollFigures(run, 'redis_cpu_us_per_request'),
    redisCommands: tollFigures(run, 'redis_commands_per_request'),
    requestBytes: tollFigures(run, 'request_bytes'),
    responseBytes: tollFigures(run, 'response_bytes'),
  };
  const of = (figures: readonly ArmFigure[], arm: ArmView) => {
    const found = figures.find(({ arm: name }) => name === arm.name);
    return found === undefined ? null : withInheritedFlags(found, run.figures);
  };
  const rows = arms
    .map((arm) => ({
      arm,
      place: placeOf(arm.name, ranking),
      cpu: of(columns.cpu, arm),
      ratio: of(columns.ratio, arm),
      toll: of(columns.toll, arm),
      total: of(columns.total, arm),
      redisCpu: of(columns.redisCpu, arm),
      redisCommands: of(columns.redisCommands, arm),
      requestBytes: of(columns.requestBytes, arm),
      responseBytes: of(columns.responseBytes, arm),
    }))
    .filter((row) => row.cpu !== null || row.ratio !== null || row.requestBytes !== null);
  return inPlaces(rows, ranking);
}

/** Neither is an arm to choose: sentences state what they show. */
function withoutControlAndTwins(run: Run): Run {
  const hidden = [...namesOfRole(run.arms, 'control'), ...namesOfRole(run.arms, 'twin')];
  const isShown = (arm: string | null) => arm === null || !hidden.includes(arm);
  return {
    ...run,
    arms: run.arms.filter(({ name }) => isShown(name)),
    figures: run.figures.filter(({ arm }) => isShown(arm)),
  };
}

const ONE_SAMPLE = 'That is one sample, which is no check. Repeat with a larger --budget.';

function checkAa(run: Run): AaCheck | null {
  const controls = namesOfRole(run.arms, 'control');
  const figure = tollFigures(run, 'cpu_ratio_to_baseline').find(({ arm }) => controls.includes(arm));
  if (figure === undefined) return null;
  const planted = run.config.plantedIterations;
  if (planted !== undefined) return checkPlanted(figure, planted);
  const holds = figure.low <= 1 && figure.high >= 1;
  const measured = `A/A check: an identical copy of the baseline costs ${formatEstimate(figure)} the baseline. `;
  if (isLoneSample(figure)) return { figure, holds: false, sentence: measured + ONE_SAMPLE };
  const verdict = holds
    ? 'The interval contains 1, as it should: the method finds no difference between equal servers.'
    : 'The interval does not contain 1, so do not trust differences of this size. Repeat with a larger --budget.';
  return { figure, holds, sentence: measured + verdict };
}

/** `holds` means that the method found the planted slowdown. */
function checkPlanted(figure: Figure, iterations: number): AaCheck {
  const holds = figure.low > 1;
  const measured = `Planted slowdown: a copy of the baseline that burns ${iterations} iterations for each request costs ${formatEstimate(figure)} the baseline. `;
  if (isLoneSample(figure)) return { figure, holds: false, sentence: measured + ONE_SAMPLE };
  const verdict = holds
    ? 'The interval lies above 1, as it should: the method detects the slowdown.'
    : 'The interval does not lie above 1, so the method did not detect it. Repeat with a larger --budget.';
  return { figure, holds, sentence: measured + verdict };
}

function warn(run: Run, aa: AaCheck | null, gate: GateResult | null): string[] {
  const warnings: string[] = [];
  if (run.interrupted)
    warnings.push('The run was interrupted: its figures are based on the measurements up to that point.');
  else if (!run.complete) warnings.push('The run is incomplete: some measurements are missing.');
  for (const { name, stoppedBy, error } of run.experiments) {
    if (error !== null || stoppedBy === 'failed')
      warnings.push(`Experiment ${name} failed: ${error ?? 'no reason given'}`);
  }
  const unexpected = run.experiments.filter((experiment) => experiment.unexpected > 0);
  for (const { name, unexpected: count, requests } of unexpected) {
    warnings.push(
      `Experiment ${name}: ${formatCount(count)} of ${formatCount(requests)} responses were not as the contract requires.`,
    );
  }
  if (run.damagedLines.length > 0) {
    const lines = run.damagedLines.map(({ line, reason }) => `line ${line} (${reason})`).join(', ');
    warnings.push(`Some lines of the journal could not be read and were skipped: ${lines}.`);
  }
  if (aa !== null && !aa.holds) warnings.push(aa.sentence);
  const failed = gate === null ? [] : failedArms(gate);
  if (failed.length > 0)
    warnings.push(`Failed security checks: ${list(failed)}. An arm that breaks its promises is not ranked.`);
  if (run.figures.length === 0) warnings.push('The run has no figures.');
  return warnings;
}

/** A seed that was generated is not in the command. */
function hintFor({ commandLine, config }: Run): string | null {
  if (/--seed\b/.test(commandLine)) return null;
  return `Add --seed ${config.seed} to repeat the same random order.`;
}

/** @param reference results of another machine's full run, for what this run did not measure */
export function buildView(whole: Run, gate: GateResult | null = null, reference: Reference | null = null): ReportView {
  const run = withoutControlAndTwins(whole);
  const arms = describeArms(run);
  const aa = checkAa(whole);
  // Breaking a promise may be what makes an arm cheap.
  const unsound = run.figures.filter(({ flags }) => flags.includes('gate-failed')).flatMap(({ arm }) => arm ?? []);
  const ranking = rankCosts(run, new Set(unsound));
  const sound = { ...run, figures: run.figures.filter(({ flags }) => !flags.includes('gate-failed')) };
  const claims = ledgerOf(run, gate);
  return {
    run,
    whole,
    headline: headline(sound, ranking),
    verdict: verdictOf(sound, ranking),
    warnings: warn(whole, aa, gate),
    arms,
    baseline: arms.find(({ role }) => role === 'baseline') ?? null,
    decisions: decide(run, arms, ranking),
    ranking,
    aa,
    flags: markFlags(whole),
    gate,
    claims,
    missing: missingOf(claims, revocationSentence(sound).length > 0, reference),
    reproduceHint: hintFor(run),
  };
}
