/**
 * Reads `run.json` fast enough for an answer within a third of a second. Compiling the whole schema takes longer than
 * that, so the parts that the advice needs are checked by hand; a file with any fault, or of an older version, goes
 * to the full reader, which converts it or reports the fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInert } from '../../core/inert.ts';
import type { Run } from '../../core/results/schema.ts';

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isNumberOrNull = (value: unknown) => value === null || isNumber(value);

const PROMISES: Readonly<Record<string, (value: unknown) => boolean>> = {
  revokedWithinMs: isNumberOrNull,
  lifetimeMs: isNumberOrNull,
  rechecksCredential: isBoolean,
  survivesRedisOutage: isBoolean,
  needsStickyRouting: isBoolean,
  crossOrigin: isBoolean,
  needsCsrfProtection: isBoolean,
  readableByScript: isBoolean,
  refreshTokens: isBoolean,
};

function isArm(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, title, role, family, serverState, stores, variant, tokenAlgorithm, declares } = value;
  return (
    [name, title, role, family, serverState].every(isText) &&
    isTexts(stores) &&
    isTextOrNull(variant) &&
    isTextOrNull(tokenAlgorithm) &&
    // Arms that cannot be chosen promise nothing.
    (role !== 'guarded' ||
      (isRecord(declares) && Object.entries(PROMISES).every(([promise, isRight]) => isRight(declares[promise]))))
  );
}

function isFigure(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { experiment, arm, factors, metric, unit, flags, source, pNoDifference } = value;
  return (
    [experiment, metric, unit, source].every(isText) &&
    isTextOrNull(arm) &&
    isRecord(factors) &&
    Object.values(factors).every((level) => isText(level) || isNumber(level)) &&
    [value.value, value.low, value.high, value.confidence, value.blocks, value.forks].every(isNumber) &&
    (pNoDifference === undefined || isNumber(pNoDifference)) &&
    isTexts(flags)
  );
}

/** Whether everything that the advice reads is present and has the right type. */
export function isPlainRun(value: unknown, version: number): value is Run {
  if (!isRecord(value) || value.schemaVersion !== version) return false;
  const { runId, startedAt, complete, interrupted, environment, arms, experiments, figures } = value;
  return (
    isText(runId) &&
    isText(startedAt) &&
    isBoolean(complete) &&
    isBoolean(interrupted) &&
    isRecord(environment) &&
    isText(environment.cpuModel) &&
    isText(environment.node) &&
    isNumber(environment.cores) &&
    isTextOrNull(environment.gitCommit) &&
    Array.isArray(arms) &&
    arms.every(isArm) &&
    Array.isArray(experiments) &&
    experiments.every((one) => isRecord(one) && isText(one.name)) &&
    Array.isArray(figures) &&
    figures.every(isFigure)
  );
}

/** Equal to the schema's, as a test checks: importing that one would load the schema. */
export const PLAIN_VERSION = 1;

/** @throws JsonFileError */
export async function readRunQuickly(directory: string): Promise<Run> {
  try {
    const value = parseInert(readFileSync(join(directory, 'run.json'), 'utf8'));
    if (isPlainRun(value, PLAIN_VERSION)) return value;
  } catch {
    // The full reader reports the fault.
  }
  const { readRun } = await import('../../core/results/run-file.ts');
  return readRun(directory);
}
