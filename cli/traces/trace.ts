/** Sends a run as a trace while it measures. Loaded only on request. */
import type { JournalLine } from '../../core/results/schema.ts';
import { openCollector } from './collector.ts';
import { RunTrace, type Traced } from './run-trace.ts';

export interface Trace {
  add(line: JournalLine): void;
  /** @returns a note about spans that did not arrive; null if all did */
  end(): Promise<string | null>;
}

/** @throws TollgateError where packages are missing */
export async function traceRun(url: string, traced: Traced): Promise<Trace> {
  const collector = await openCollector(url, traced.runId);
  const trace = new RunTrace(collector, traced);
  return {
    add: (line) => trace.add(line),
    async end() {
      trace.end();
      const { made, lost } = await collector.end();
      return lost === 0
        ? null
        : `${lost} of ${made} spans of the trace did not reach the collector at ${new URL(url).host}.`;
    },
  };
}
