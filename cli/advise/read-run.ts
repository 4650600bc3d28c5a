/**
 * Reads `run.json`, or the reference run, fast enough for an answer within a third of a second. To compile the whole
 * schema takes longer, so only the parts that the advice needs are checked, by hand. A file with a fault or of an older
 * version goes to the full reader, which reports the fault or converts the file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInert } from '../../core/inert.ts';
import { isRecord } from '../../core/own-value.ts';
import { REFERENCE_FILE, unpackReference } from '../../core/results/reference/file.ts';
import type { Run } from '../../core/results/schema.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
/** @param least the smallest valid count */
const isCount = (value: unknown, least: number) => Number.isInteger(value) && Number(value) >= least;
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

const isRemembered = (value: unknown) =>
  value === undefined || (isRecord(value) && isCount(value.tokens, 1) && isCount(value.forMs, 1));

function isArm(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, title, role, family, serverState, stores, hotPath, variant, tags, tokenAlgorithm } = value;
  const { declares, remembers } = value;
  return (
    [name, title, role, family, serverState].every(isText) &&
    isTexts(stores) &&
    (hotPath === null || isTexts(hotPath)) &&
    isTextOrNull(variant) &&
    isTexts(tags) &&
    isTextOrNull(tokenAlgorithm) &&
    isRemembered(remembers) &&
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
    [value.value, value.low, value.high, value.confidence].every(isNumber) &&
    [value.blocks, value.forks].every((count) => isCount(count, 0)) &&
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
    Number.isInteger(environment.cores) &&
    isTextOrNull(environment.gitCommit) &&
    Array.isArray(arms) &&
    arms.every(isArm) &&
    Array.isArray(experiments) &&
    experiments.every((one) => isRecord(one) && isText(one.name)) &&
    Array.isArray(figures) &&
    figures.every(isFigure)
  );
}

/** Equal to those of the schemas, as a test checks: importing them would load the schemas. */
export const PLAIN_VERSION = 1;
export const PLAIN_REFERENCE_VERSION = 1;

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

/** @returns null if there is none @throws JsonFileError */
export async function readReferenceQuickly(path = REFERENCE_FILE): Promise<Run | null> {
  if (!existsSync(path)) return null;
  try {
    const value = parseInert(unpackReference(path));
    const isKnown = isRecord(value) && value.schemaVersion === PLAIN_REFERENCE_VERSION;
    if (isKnown && isPlainRun(value.run, PLAIN_VERSION)) return value.run;
  } catch {
    // The full reader reports the fault.
  }
  const { readReference } = await import('../../core/results/reference/reference.ts');
  return readReference(path)?.run ?? null;
}
