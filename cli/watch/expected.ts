/** The planned time of each experiment of a run. */
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { planTime } from '../../bench/run/budget.ts';
import type { Header } from '../../core/results/schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';

/** The experiments of a run in order, with their planned seconds. */
export function expectedOf({ config }: Pick<Header, 'config'>, arms: readonly ArmInfo[]) {
  const experiments = EXPERIMENTS.filter(({ name }) => config.experiments.includes(name));
  return planTime(experiments, { arms, config }).map(({ experiment: { name }, expectedSeconds }) => ({
    name,
    seconds: expectedSeconds,
  }));
}
