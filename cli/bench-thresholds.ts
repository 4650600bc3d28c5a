/** The limits of `tollgate.config.json` after a run: which are broken, and the lines that say so. */

import type { Figure } from '../core/results/schema.ts';
import { readConfig } from '../core/thresholds/config.ts';
import {
  brokenOf,
  judgeThresholds,
  resultLine,
  type Threshold,
  type ThresholdResult,
} from '../core/thresholds/judge.ts';
import { annotation } from '../regression/compare/annotations.ts';
import { junitXml, thresholdCases } from '../regression/compare/junit.ts';
import type { ArmInfo } from '../servers/contract.ts';
import { write } from './commands/compare.ts';
import { nearest } from './flags.ts';
import { printNote } from './terminal.ts';

/**
 * @param file null reads `tollgate.config.json` of this folder where there is one
 * @throws ConfigError with every fault of the file
 */
export function readThresholds(file: string | null, arms: readonly ArmInfo[]): readonly Threshold[] {
  return readConfig(file, { arms: arms.map(({ name }) => name), near: nearest }).thresholds;
}

/** Prints what limits say of these figures, on stderr. @returns how many are broken */
export function checkThresholds(
  thresholds: readonly Threshold[],
  figures: readonly Figure[],
  junit: string | null,
): number {
  const results = judgeThresholds(thresholds, figures);
  write('junit', junit, junitXml('tollgate limits', thresholdCases(results)));
  const broken = brokenOf(results);
  for (const result of results.filter((one) => broken.includes(one) || one.outcome === 'cannot-tell')) {
    printNote(resultLine(result));
    if (process.env.GITHUB_ACTIONS === 'true') {
      process.stderr.write(
        `${annotation(broken.includes(result) ? 'error' : 'warning', 'Tollgate', resultLine(result))}\n`,
      );
    }
  }
  const measured = (outcome: ThresholdResult['outcome']) => results.filter((one) => one.outcome === outcome).length;
  if (thresholds.length > 0) {
    printNote(
      `Limits: ${measured('kept')} kept, ${broken.length} broken, ${measured('cannot-tell')} cannot be told, ${measured('not-measured')} not measured.`,
    );
  }
  return broken.length;
}
