/** From a run to what is kept of it. Pure. */
import type { HistoryEntry } from '../../core/results/history.ts';
import type { Environment, Figure, Run } from '../../core/results/schema.ts';

/**
 * What makes figures comparable: processor, number of cores, memory, system, Node's major version and how shares are
 * given. A change of any is another class, so that a new machine is no regression.
 */
export function machineClassOf({ cpuModel, cores, memoryBytes, platform, node, cpuShares }: Environment): string {
  const memoryGiB = Math.round(memoryBytes / 2 ** 30);
  const shares = cpuShares.startsWith('none') ? 'no shares' : 'shares';
  return [
    cpuModel,
    `${cores} cores`,
    `${memoryGiB} GiB`,
    platform,
    `Node ${node.replace(/^v(\d+).*/, '$1')}`,
    shares,
  ].join(', ');
}

/** Figures from a model repeat what others say. */
const kept = ({ source }: Figure) => source === 'measured';

export function entryOf(run: Run): HistoryEntry {
  return {
    version: 1,
    runId: run.runId,
    at: run.startedAt,
    commit: run.environment.gitCommit,
    dirty: run.environment.gitDirty ?? true,
    machineClass: machineClassOf(run.environment),
    figures: run.figures.filter(kept).map(({ experiment, arm, factors, metric, value, low, high, flags }) => ({
      experiment,
      arm,
      factors,
      metric,
      value,
      low,
      high,
      flags,
    })),
  };
}
