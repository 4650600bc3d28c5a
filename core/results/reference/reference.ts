/**
 * The reference run: a full run included in the package, for what a reader's own run did not measure. Its figures
 * come from another machine, so they are always labelled, with machine and date.
 */
import { existsSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import type { Static } from 'typebox';
import { writeAtomically } from '../../atomic-file.ts';
import { Type } from '../../schema.ts';
import { JsonFileError, type JsonFormat, parseJson } from '../json-file.ts';
import { withArmFacts } from '../old/arms.ts';
import { Run } from '../schema.ts';
import { checker } from '../validate.ts';
import { REFERENCE_FILE, unpackReference } from './file.ts';

export const REFERENCE_SCHEMA_VERSION = 1;
/** It is part of the package, so it must be small. */
export const MOST_REFERENCE_BYTES = 300_000;
/** Digits of a value and its interval: more than any interval supports. */
const DIGITS = 5;

const closed = { additionalProperties: false } as const;
const textOrNull = Type.Union([Type.String(), Type.Null()]);

/** A claim's verdict on the reference run, with the security checks of that run. */
export const ReferenceClaim = Type.Object(
  {
    number: Type.Integer(),
    id: Type.String(),
    statement: Type.String(),
    verdict: Type.Union([
      Type.Literal('holds'),
      Type.Literal('holds only if'),
      Type.Literal('does not hold'),
      Type.Literal('inconclusive'),
      Type.Literal('not measured'),
    ]),
    condition: textOrNull,
    because: Type.String(),
    turns: textOrNull,
    contrary: textOrNull,
  },
  closed,
);
export type ReferenceClaim = Static<typeof ReferenceClaim>;

export const Reference = Type.Object(
  {
    schemaVersion: Type.Literal(REFERENCE_SCHEMA_VERSION),
    /** The version of Tollgate, as in package.json. */
    version: Type.String(),
    /** Without timelines, and with rounded values. Machine, date, command and commit are here. */
    run: Run,
    claims: Type.Array(ReferenceClaim),
  },
  closed,
);
export type Reference = Static<typeof Reference>;

const checkReference = checker(Reference);

const FORMAT: JsonFormat<Reference> = {
  what: 'the reference run',
  version: REFERENCE_SCHEMA_VERSION,
  check: (value) => {
    const isObject = typeof value === 'object' && value !== null && 'run' in value;
    return checkReference(isObject ? { ...value, run: withArmFacts(value.run) } : value);
  },
  hints: {
    missing: 'make it with npm run reference -- DIR',
    damaged: 'recreate it: npm run reference -- DIR',
    version: 'make it again with this version: npm run reference -- DIR',
  },
};

/** @returns null if there is none @throws JsonFileError if it is damaged or of another schema version */
export function readReference(path = REFERENCE_FILE): Reference | null {
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = unpackReference(path);
  } catch {
    throw new JsonFileError('damaged', `${path} is damaged: it cannot be unpacked`, FORMAT.hints.damaged);
  }
  return parseJson(text, path, FORMAT);
}

/** `AMD EPYC, 2 cores, Node v26.10.0, 2026-11-28, Tollgate 0.1.0 (93c5f0e)`, shown next to each of its figures. */
export function referenceOrigin({ version, run }: Reference): string {
  const { cpuModel, cores, node, gitCommit } = run.environment;
  const built = gitCommit === null ? version : `${version} (${gitCommit.slice(0, 7)})`;
  return `${cpuModel}, ${cores} cores, Node ${node}, ${run.startedAt.slice(0, 10)}, Tollgate ${built}`;
}

/** A run without the parts that a reference does not need. */
export function reducedRun({ timelines: _, ...run }: Run): Run {
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  return {
    ...run,
    figures: run.figures.map((figure) => ({
      ...figure,
      value: rounded(figure.value),
      low: rounded(figure.low),
      high: rounded(figure.high),
      ...(figure.pNoDifference === undefined ? {} : { pNoDifference: rounded(figure.pNoDifference) }),
    })),
  };
}

/**
 * Writes it atomically. @returns its size in bytes @throws TypeError if it does not match the schema, or is too large
 * for the package; TollgateError if it cannot be written
 */
export function writeReference(reference: Reference, path = REFERENCE_FILE): number {
  const checked = checkReference(reference);
  if (!checked.ok) throw new TypeError(`the reference run does not match its schema: ${checked.reason}`);
  const bytes = gzipSync(`${JSON.stringify(reference)}\n`, { level: constants.Z_BEST_COMPRESSION });
  if (bytes.length > MOST_REFERENCE_BYTES) {
    throw new TypeError(`the reference run takes ${bytes.length} bytes, and may take ${MOST_REFERENCE_BYTES}`);
  }
  writeAtomically(path, bytes);
  return bytes.length;
}
