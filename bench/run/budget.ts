/** Divides the time of a run among its experiments, and estimates their minimum duration. Pure. */
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Experiment } from '../measuring/experiment.ts';

/**
 * Divides a budget by the experiments' weights.
 * @returns seconds for each, in their order
 */
export function divideBudget(totalSeconds: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (totalSeconds * weight) / sum);
}

type Config = Pick<RunConfig, 'arms' | 'profile' | 'budgetSeconds' | 'byDefault'>;

/** The arms that an experiment measures, in the registry's order, the baseline first. */
export function armsOf(
  experiment: Experiment,
  { arms, config }: { readonly arms: readonly ArmInfo[]; readonly config: Config },
): readonly ArmInfo[] {
  const wanted = config.arms ?? experiment.defaultArms(arms, config.profile);
  const chosen = arms.filter(({ name }) => wanted.includes(name));
  return chosen.toSorted((a, b) => Number(b.baseline) - Number(a.baseline));
}

/** An experiment's time without a budget, and its weight with one. */
function secondsOf({ seconds, namedSeconds }: Experiment, { byDefault, profile }: Config): number {
  const named = profile === 'quick' && byDefault !== true ? namedSeconds : undefined;
  return named ?? seconds[profile];
}

export interface PlannedExperiment {
  readonly experiment: Experiment;
  /** The budget that the experiment gets. */
  readonly budgetSeconds: number;
  /** Its expected duration: at least one fresh start. */
  readonly expectedSeconds: number;
}

/** The budget of each experiment, and its expected duration. */
export function planTime(
  experiments: readonly Experiment[],
  { arms, config }: { readonly arms: readonly ArmInfo[]; readonly config: Config },
): readonly PlannedExperiment[] {
  const weights = experiments.map((experiment) => secondsOf(experiment, config));
  const total = config.budgetSeconds ?? weights.reduce((sum, weight) => sum + weight, 0);
  const budgets = divideBudget(total, weights);
  return experiments.map((experiment, i) => {
    const { once, perArm } = experiment.leastSeconds;
    const budgetSeconds = budgets[i] ?? 0;
    const least = once + perArm * armsOf(experiment, { arms, config }).length;
    return { experiment, budgetSeconds, expectedSeconds: Math.max(budgetSeconds, least) };
  });
}

/** Below this factor a budget counts as kept: the duration of fresh starts is not known more precisely. */
const NOTABLY = 1.25;

/** @returns a note if one fresh start of every experiment exceeds the budget; null if it suffices, or none was given */
export function budgetNote(planned: readonly PlannedExperiment[], budgetSeconds: number | null): string | null {
  const expected = planned.reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0);
  if (budgetSeconds === null || expected <= NOTABLY * budgetSeconds) return null;
  const longer = planned.filter((one) => one.expectedSeconds > one.budgetSeconds);
  const each = longer.map(({ experiment, expectedSeconds }) => `${experiment.name} ${Math.round(expectedSeconds)} s`);
  return (
    `--budget ${budgetSeconds} s is less than these experiments need, with one fresh start each on two idle cores: ` +
    `${each.join(', ')}. Expect at least ${Math.round(expected)} s in addition to the security checks, and wide intervals.`
  );
}
