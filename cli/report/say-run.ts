/** In a thread: makes a run and its report, and says each as soon as it is ready. It writes nothing. */
import { parentPort } from 'node:worker_threads';
import type { Rebuilt } from '../../bench/run/rebuild.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Report } from '../../reports/write.ts';
import { type Fault, faultOf } from './fault.ts';

/** What the thread says: first the run, then its report; or else what went wrong. */
export type Said = { readonly rebuilt: Rebuilt } | { readonly report: Report } | { readonly fault: Fault };

const say = (said: Said) => parentPort?.postMessage(said);

/**
 * @param make what it takes much memory for must be released when it ends: the report needs only the run
 * @param gateOf the security checks that belong to it
 */
export async function sayRun(make: () => Rebuilt | Promise<Rebuilt>, gateOf: () => GateResult | null): Promise<void> {
  try {
    const made = await make();
    say({ rebuilt: made });
    // Loaded lazily, because charts need much code.
    const { renderReport } = await import('../../reports/build.ts');
    say({ report: await renderReport(made.run, gateOf()) });
  } catch (error) {
    say({ fault: faultOf(error) });
  }
}
