/** Makes a run's entry in the history. Pure. */
import type { HistoryEntry, HistoryLinks } from '../../core/results/history/entry.ts';
import { machineClassOf } from '../../core/results/history/machine-class.ts';
import type { Figure, Run } from '../../core/results/schema.ts';

/** Figures from a model follow from others, and are not kept. */
const kept = ({ source }: Figure) => source === 'measured';

/** @param links where the run and its commit can be seen; null if nobody can */
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
