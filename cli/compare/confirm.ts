/** Repeats failing results: in fresh processes, from fresh copies of both builds, and in another random order. */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { createRandom } from '../../core/stats/random.ts';
import { judgeThresholds } from '../../core/thresholds/judge.ts';
import type { Build } from '../../regression/compare/build.ts';
import { type ArmComparison, compareBuilds } from '../../regression/compare/compare.ts';
import { figuresOf } from '../../regression/compare/figures.ts';
import type { Asked } from '../../regression/compare/report.ts';
import { type Confirmation, findingsOf, jointErrorRate } from '../../regression/confirm/confirmation.ts';
import { needsInstructions, type Red } from '../../regression/confirm/red.ts';
import { type ExplainedBuild, explainChange } from '../../regression/explain/explain.ts';
import { lockOf } from '../../regression/explain/packages.ts';
import type { ProfiledStart } from '../../regression/explain/shifts.ts';
import { machineClassHere } from '../../regression/machine-class.ts';
import type { Comparing } from './comparing.ts';
import { noteRegressions } from './measure.ts';

/** The first measurement. */
export interface MeasuredFirst {
  readonly red: readonly Red[];
  readonly seed: number;
  readonly asked: Asked;
  readonly confidence: number;
  readonly machineClass: string;
  readonly fromFile: boolean;
}

/** Only the failing arms are measured, each for its share of the first measurement's time. */
export async function confirm(
  comparing: Comparing,
  environment: FleetEnvironment,
  first: MeasuredFirst,
): Promise<Confirmation> {
  const { workshop, config, progress, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const seed = anotherSeed(first.seed);
  progress.update('compare', 'confirming: fresh copies of both builds', undefined, comparing.options.budgetSeconds);
  const [base, head] = [await workshop.copyOf(comparing.base), await workshop.copyOf(comparing.head)];
  const arms: ArmComparison[] = [];
  const starts = new Map<string, readonly ProfiledStart[]>();
  for (const part of partsOf(first, comparing)) {
    if (signal.aborted) break;
    arms.push(
      ...(await compareBuilds({
        environment,
        ...comparing.options,
        ...part,
        metrics: first.asked.metrics,
        perf: null,
        onProfiles: (arm, own) => void starts.set(arm, own),
        base,
        head,
        seed,
        signal,
        onProgress: (step, live, left) => progress.update('compare', `confirming: ${step}`, live, left),
        onArm: noteRegressions(comparing, 'again: '),
      })),
    );
  }
  progress.clear();
  const findings = findingsOf(first.red, arms, judgeThresholds(config.thresholds, figuresOf(arms)));
  const isConfirmed = (name: string) => findings.some(({ arm, outcome }) => arm === name && outcome === 'confirmed');
  const confirmed = arms.filter(({ arm }) => isConfirmed(arm));
  return {
    startedAt,
    seconds: (performance.now() - started) / 1000,
    seed,
    interrupted: signal.aborted,
    machineClasses: [first.machineClass, machineClassHere()],
    fromFile: first.fromFile,
    findings,
    errorRate: jointErrorRate(first.asked.arms.length * first.asked.metrics.length, first.confidence),
    arms,
    explanation: confirmed.length === 0 ? null : explainChange(explained(base), explained(head), confirmed, starts),
  };
}

function explained({ label, node, v8, canProfile, directory }: Build): ExplainedBuild {
  return { label, node, v8, canProfile, lock: lockOf(directory) };
}

/** Derives a seed from the first, so that a whole comparison can be reproduced; it is as good as an independent one. */
function anotherSeed(first: number): number {
  const seed = createRandom(first)
    .derive('confirm')
    .integer(2 ** 31 - 1);
  return seed === first ? first + 1 : seed;
}

interface Part {
  readonly arms: readonly string[];
  readonly guardsOnly: boolean;
  readonly instructionsMarginPct: number | null;
  readonly budgetSeconds: number;
}

/** The parts to repeat: if only a count rose, counting is enough, and takes seconds. */
function partsOf({ red, asked }: MeasuredFirst, { options }: Pick<Comparing, 'options'>): Part[] {
  const of = (one: (red: Red) => boolean) => [...new Set(red.filter(one).flatMap(({ arm }) => arm ?? []))];
  const costly = options.guardsOnly ? [] : of(({ isCounted }) => !isCounted);
  const counted = of(() => true).filter((arm) => !costly.includes(arm));
  const share = options.budgetSeconds / asked.arms.length;
  const instructionsMarginPct = needsInstructions(red) ? asked.instructionsMarginPct : null;
  return [
    { arms: costly, guardsOnly: false, instructionsMarginPct, budgetSeconds: share * costly.length },
    { arms: counted, guardsOnly: true, instructionsMarginPct, budgetSeconds: share * counted.length },
  ].filter(({ arms }) => arms.length > 0);
}
