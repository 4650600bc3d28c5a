/** Makes a run's entry in the history. Pure. */
import type { HistoryEntry, HistoryLinks } from '../../core/results/history/entry.ts';
import { machineClassOf } from '../../core/results/history/machine-class.ts';
import type { Figure, Run } from '../../core/results/schema.ts';

/** Figures from a model are derived from others, and are not stored. */
const kept = ({ source }: Figure) => source === 'measured';

/** @param links to the run and its commit; null if there are none */
export function entryOf(run: Run, links: HistoryLinks | null = null): HistoryEntry {
  const { cpuModel, kernel, node, v8, redis, packages } = run.environment;
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
    ...(links === null ? {} : { links }),
    origin: { cpuModel, kernel, node, v8, redis, packages },
  };
}
