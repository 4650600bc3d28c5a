/** Exports a run while it measures: metrics for Prometheus, and a trace. */
import type { JournalLine } from '../core/results/schema.ts';
import type { ArmInfo } from '../servers/contract.ts';
import type { Watching } from './options/watching.ts';
import { printNote } from './output.ts';
import type { RunFolder } from './run-folder.ts';

type FollowedRun = Pick<RunFolder, 'runId' | 'config' | 'prior'>;

export interface WatchedRun {
  /** Called with every line of the journal. */
  add(line: JournalLine): void;
  /** Ends both. @returns a note about spans that did not arrive; null if all did, or none were sent */
  end(): Promise<string | null>;
}

/**
 * Starts both; their libraries are loaded only on request. @throws TollgateError if the port cannot be used, or
 * packages of the trace are missing
 */
export async function watchRun(
  { metricsPort, traceEndpoint }: Watching,
  run: FollowedRun,
  arms: readonly ArmInfo[],
): Promise<WatchedRun> {
  const metrics = metricsPort === null ? null : await serveRunMetrics(metricsPort, run, arms);
  const trace = await traceOf(traceEndpoint, run).catch(async (error: unknown) => {
    await metrics?.close();
    throw error;
  });
  return {
    add(line) {
      metrics?.add(line);
      trace?.add(line);
    },
    async end() {
      await metrics?.close();
      return (await trace?.end()) ?? null;
    },
  };
}

async function traceOf(endpoint: string | null, run: FollowedRun) {
  return endpoint === null ? null : (await import('./traces/trace.ts')).traceRun(endpoint, run);
}

async function serveRunMetrics(port: number, { config, prior }: FollowedRun, arms: readonly ArmInfo[]) {
  const [{ RunCollector }, { serveMetrics }, { expectedOf }] = await Promise.all([
    import('./metrics/collect.ts'),
    import('./metrics/server.ts'),
    import('./watch/expected.ts'),
  ]);
  const collector = new RunCollector(expectedOf({ config }, arms));
  const { address, close } = await serveMetrics(port, collector, prior);
  printNote(`Metrics for Prometheus: ${address}`);
  return { close, add: (line: JournalLine) => collector.add(line) };
}
