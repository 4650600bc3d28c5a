/** The limits of `tollgate.config.json`: read before a run, judged after it. */

import { EXPERIMENTS } from '../bench/experiments/registry.ts';
import { UsageError } from '../core/errors.ts';
import type { Figure } from '../core/results/schema.ts';
import { nearest } from '../core/text/nearest.ts';
import { NO_CONFIG, readConfig, type TollgateConfig } from '../core/thresholds/config.ts';
import {
  brokenOf,
  COMPARE_EXPERIMENT,
  isFor,
  judgeThresholds,
  resultLine,
  type Threshold,
  type ThresholdResult,
} from '../core/thresholds/judge.ts';
import { junitXml, thresholdCases } from '../regression/compare/junit.ts';
import { annotation } from '../regression/report/annotations.ts';
import type { ArmInfo } from '../servers/contract.ts';
import type { Faults } from './command.ts';
import { printNote, writeText } from './output.ts';
import { writeReportFile } from './report-file.ts';

interface LimitOptions {
  /** Null reads `tollgate.config.json` of the working folder, if there is one. */
  readonly file: string | null;
  /** True makes every limit strict, whatever the file says. */
  readonly strict: boolean;
  readonly command: 'bench' | 'compare';
}

/** The limits that the command can judge, and the defaults for `compare`. Adds the faults of the file to `faults`. */
export function readConfigOf(
  { file, strict, command }: LimitOptions,
  arms: readonly Pick<ArmInfo, 'name'>[],
  faults: Faults,
): TollgateConfig {
  try {
    const experiments = [...EXPERIMENTS.map(({ name }) => name), COMPARE_EXPERIMENT];
    const config = readConfig(file, { arms: arms.map(({ name }) => name), experiments, near: nearest });
    const limits = config.thresholds.filter((threshold) => isFor(command, threshold));
    return {
      ...config,
      thresholds: strict ? limits.map((threshold) => ({ ...threshold, strict })) : limits,
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    faults.push(...error.faults);
    return NO_CONFIG;
  }
}

/** Writes all limits as JUnit XML, and annotates those that are not met in the log of a workflow. */
export function judgeRun(
  thresholds: readonly Threshold[],
  figures: readonly Figure[],
  junit: string | null,
): readonly ThresholdResult[] {
  const results = judgeThresholds(thresholds, figures);
  writeReportFile(junit, junitXml('tollgate limits', thresholdCases(results)));
  const broken = brokenOf(results);
  for (const result of results.filter(({ outcome }) => outcome !== 'kept'))
    annotate(broken.includes(result) ? 'error' : 'warning', [resultLine(result)]);
  return results;
}

/**
 * Prints on stderr which limits are exceeded or inconclusive, and how many there are: for logs, and if figures go to
 * a file.
 */
export function noteLimits(results: readonly ThresholdResult[]): void {
  for (const result of results.filter(({ outcome }) => outcome !== 'kept')) printNote(resultLine(result));
  if (results.length > 0) {
    const count = (outcome: (typeof results)[number]['outcome']) =>
      results.filter((one) => one.outcome === outcome).length;
    printNote(
      `Limits on the figures, from the configuration: ${count('kept')} kept, ${count('broken')} exceeded, ${count('cannot-tell')} inconclusive, ${count('not-measured')} not checked.`,
    );
  }
}

/** Annotates lines in the log of a GitHub workflow; does nothing elsewhere. */
export function annotate(level: 'error' | 'warning', lines: readonly string[]): void {
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of lines) writeText(process.stderr, `${annotation(level, 'Tollgate', line)}\n`);
}
