/** The gate before a run: which arms may be timed, and what is told of those that may not. */

import { type QuickEnvironment, quickGate } from '../bench/gate/quick.ts';
import { writeGate } from '../core/results/gate-file.ts';
import { failedArms } from '../core/results/gate-schema.ts';
import type { JournalWriter } from '../core/results/journal.ts';
import type { ArmInfo } from '../servers/contract.ts';
import { type ProgressLine, printNote } from './terminal.ts';

export interface GateAsked {
  readonly environment: QuickEnvironment;
  /** Those that the run would time. */
  readonly arms: readonly ArmInfo[];
  /** Where `gate.json` goes. */
  readonly directory: string;
  readonly journal: JournalWriter;
  readonly progress: ProgressLine;
  /** True times arms that failed too; every figure of theirs is flagged. */
  readonly unsafe: boolean;
  readonly signal: AbortSignal;
  /** The checks themselves; another in tests. */
  readonly check?: typeof quickGate;
}

/** Roughly: most of it is the start of the servers. */
const SECONDS_PER_ARM = 1;

/**
 * @returns the names of the arms that failed; what follows from that stands in the journal
 * @throws TollgateError (environment) where a fleet cannot be started
 */
export async function passGate(asked: GateAsked): Promise<readonly string[]> {
  const { environment, directory, journal, progress, unsafe, signal, check = quickGate } = asked;
  const arms = asked.arms.filter(({ baseline }) => !baseline);
  if (arms.length === 0) return [];
  let done = 0;
  const result = await check(
    environment,
    arms,
    ({ arm, total }) => {
      done += 1 / total;
      progress.update('gate', arm, undefined, (arms.length - done) * SECONDS_PER_ARM);
    },
    signal,
  );
  progress.clear();
  // An arm that was not checked to the end did not pass; an interrupted run times nothing more anyway.
  if (signal.aborted) return [];
  writeGate(directory, result);
  const failed = failedArms(result);
  const seconds = result.durationMs / 1000;
  journal.append({ kind: 'gate', at: new Date().toISOString(), seconds, failed, timed: unsafe });
  for (const { arm, outcomes } of result.arms) {
    const reasons = outcomes.filter((o) => o.verdict === 'fail').map((o) => `check ${o.check}: ${o.detail}`);
    if (reasons.length === 0) continue;
    const what = unsafe ? 'was timed all the same, since --unsafe was given' : 'was not timed';
    const text = `${arm} failed the gate and ${what} (${reasons.join('; ')}).`;
    journal.append({ kind: 'note', text });
    printNote(text);
  }
  return failed;
}
