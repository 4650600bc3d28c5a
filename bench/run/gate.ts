/** The security checks before a run, which decide which arms are measured. */

import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms } from '../../core/results/gate-schema.ts';
import type { JournalWriter } from '../../core/results/journal.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { type QuickEnvironment, quickGate } from '../gate/quick.ts';

export interface GateOptions {
  readonly environment: QuickEnvironment;
  /** The arms of the run. */
  readonly arms: readonly ArmInfo[];
  /** The folder of `gate.json`. */
  readonly directory: string;
  readonly journal: JournalWriter;
  /** True if failed arms are measured as well; all their figures are then flagged. */
  readonly unsafe: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (arm: string, secondsLeft: number) => void;
  readonly onNote: (text: string) => void;
  /** The checks themselves; tests pass others. */
  readonly check?: typeof quickGate;
}

/** An estimate; most of it is the start of the servers. */
const SECONDS_PER_ARM = 1;

/**
 * @returns the names of the failed arms; the journal records them, and whether they are measured
 *
 * @throws TollgateError (environment) if a fleet cannot be started
 */
export async function passGate(options: GateOptions): Promise<readonly string[]> {
  const { environment, directory, journal, unsafe, signal, check = quickGate } = options;
  const arms = options.arms.filter(({ baseline }) => !baseline);
  if (arms.length === 0) return [];
  let done = 0;
  const result = await check(
    environment,
    arms,
    ({ arm, total }) => {
      done += 1 / total;
      options.onProgress(arm, (arms.length - done) * SECONDS_PER_ARM);
    },
    signal,
  );
  // An arm whose checks were interrupted has not passed; an interrupted run measures nothing more anyway.
  if (signal.aborted) return [];
  writeGate(directory, result);
  const failed = failedArms(result);
  const seconds = result.durationMs / 1000;
  journal.append({ kind: 'gate', at: new Date().toISOString(), seconds, failed, timed: unsafe });
  for (const { arm, outcomes } of result.arms) {
    const reasons = outcomes.filter((o) => o.verdict === 'fail').map((o) => `check ${o.check}: ${o.detail}`);
    if (reasons.length === 0) continue;
    const what = unsafe ? 'was measured anyway, because of --unsafe' : 'was not measured';
    const text = `${arm} failed the gate and ${what} (${reasons.join('; ')}).`;
    journal.append({ kind: 'note', text });
    options.onNote(text);
  }
  return failed;
}
