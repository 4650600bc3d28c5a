/**
 * Measures scale: every number of replicas of every arm once per block, with those of an arm in succession, because
 * they are compared.
 */
import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { completedForks, runForks } from '../../measuring/run-forks.ts';
import { ScaleFork } from './fork.ts';
import type { ScaleCell } from './plan.ts';
import { noteConditions, prepare, replicasOf } from './prepare.ts';
import { preparingSeconds, roundSeconds, scheduleOf, startsOf } from './starts.ts';

export async function measureScale(context: ExperimentContext): Promise<StoppedBy> {
  const ready = prepare(context);
  const { plan, grid, specs, share, redisShare } = ready;
  noteConditions(context, ready);
  const cellOf = cellsByName(grid);
  const cellsIn = (group: readonly FleetSpec[]) => grid.filter((cell) => group.some(({ key }) => key === cell.key));
  const { groups, passes } = startsOf(specs, plan, context.secondsLeft(), context.cores);
  const startsBefore = (key: string) => completedForks(context, (slice) => cellOf(slice)?.key === key);
  const starts = scheduleOf(groups, passes, context.random, (group) =>
    Math.min(...group.map(({ key }) => startsBefore(key))),
  );
  const groupAt = (index: number) => starts[index] ?? [];
  const preparing = (index: number) => preparingSeconds(replicasOf(groupAt(index)), context.cores);
  const schedule = {
    // The schedule omits what an earlier part of the run has already started.
    minForks: starts.length,
    maxForks: starts.length,
    left: () => false,
    canBeShort: true,
    // A start and one round of every series, whose number varies between fleets.
    weightOf: (index: number) => preparing(index) + roundSeconds(plan, cellsIn(groupAt(index))),
    leastSecondsOf: preparing,
    specs: groupAt,
  } as const;
  const stoppedBy = await runForks(context, schedule, (running, time, index) =>
    new ScaleFork({ context, plan, share, redisShare, time, grid: cellsIn(groupAt(index)) }, running).measure(),
  );
  if (stoppedBy !== 'interrupted') noteMissing(context, grid);
  return stoppedBy;
}

/** The cell of a slice, if it is one of these. */
function cellsByName(grid: readonly ScaleCell[]): (slice: Pick<Slice, 'arm' | 'factors'>) => ScaleCell | undefined {
  const name = ({ arm, factors }: Pick<Slice, 'arm' | 'factors'>) =>
    JSON.stringify([arm, Object.entries(factors).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const cells = new Map(grid.map((cell) => [name(cell), cell]));
  return (slice) => cells.get(name(slice));
}

function noteMissing(context: ExperimentContext, grid: readonly ScaleCell[]): void {
  const titleOf = ({ series, key }: ScaleCell) => `${series} of ${key}`;
  const cellOf = cellsByName(grid);
  const measured = new Set(
    context
      .recorded()
      .flatMap((slice) => cellOf(slice) ?? [])
      .map(titleOf),
  );
  const missing = new Set(grid.map(titleOf)).difference(measured);
  if (missing.size > 0)
    context.note(
      `scale: not measured because of the budget: ${[...missing].join(', ')}; raise --budget, or name fewer --arms`,
    );
}
