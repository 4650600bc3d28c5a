/** Runs the checks over mutants. The gate treats a mutant like any other arm: as a black box that makes promises. */
import { fileURLToPath } from 'node:url';
import type { Check } from '../check.ts';
import { mapAtOnce } from '../map-at-once.ts';
import { runGate } from '../run-gate.ts';
import { createStage, type GateEnvironment, type Stage } from '../stage/stage.ts';
import type { MutantInfo } from './list.ts';
import { type KillMatrix, type KillRow, killMatrix, killRow } from './matrix.ts';

export interface MutantsOptions {
  readonly mutants: readonly MutantInfo[];
  /** The checks to prove. */
  readonly checks: readonly Check[];
  /** The checks to run on a mutant, its own included; all by default. */
  readonly checksFor?: (mutant: MutantInfo) => readonly Check[];
  readonly stage: Stage;
  /** The number of mutants to check at the same time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (row: KillRow, done: number, total: number) => void;
}

const ENTRY = fileURLToPath(new URL('../../../servers/testing/mutant-replica.ts', import.meta.url));

/** Starts mutants as processes, like arms. */
export const mutantStage = (environment: GateEnvironment): Stage => createStage(environment, { entry: ENTRY });

/** @throws TollgateError if a mutant cannot be started */
export async function runMutants(options: MutantsOptions): Promise<KillMatrix> {
  const { mutants, checks, stage, signal } = options;
  const rows: KillRow[] = [];
  // If one cannot start, the others end before their Redis is removed.
  await mapAtOnce(mutants, options.atOnce, async (mutant) => {
    if (signal.aborted) return;
    const due = options.checksFor?.(mutant) ?? checks;
    const { arms } = await runGate({ arms: [mutant.info], checks: due, stage, quick: false, armsAtOnce: 1, signal });
    const row = killRow(mutant, arms[0]?.outcomes ?? []);
    rows.push(row);
    options.onProgress?.(row, rows.length, mutants.length);
  });
  const order = mutants.map(({ name }) => name);
  return killMatrix(
    rows.toSorted((a, b) => order.indexOf(a.mutant) - order.indexOf(b.mutant)),
    checks,
  );
}
