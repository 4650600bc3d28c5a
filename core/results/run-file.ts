/** Reads and writes `run.json`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withArmFacts } from './old-arms.ts';
import { Run, SCHEMA_VERSION } from './schema.ts';
import { checker } from './validate.ts';

const checkRun = checker(Run);

/** `run.json` is missing, damaged or of another version. The message says which, in one line. */
export class RunFileError extends Error {
  override readonly name = 'RunFileError';
}

/** @throws RunFileError */
export function readRun(directory: string): Run {
  const path = join(directory, 'run.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new RunFileError(`there is no ${path}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RunFileError(`${path} is not JSON`);
  }
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : null;
  if (version !== SCHEMA_VERSION) {
    throw new RunFileError(
      `${path} has schema version ${JSON.stringify(version)} and this Tollgate reads version ${SCHEMA_VERSION}`,
    );
  }
  const checked = checkRun(withArmFacts(value));
  if (!checked.ok) throw new RunFileError(`${path} is not of the schema ${checked.reason}`);
  return checked.value;
}

/** Whole or not at all: a reader never sees half a file. @throws RunFileError when the run is not of the schema */
export function writeRun(directory: string, run: Run): void {
  const checked = checkRun(run);
  if (!checked.ok) throw new RunFileError(`the run is not of the schema ${checked.reason}`);
  const path = join(directory, 'run.json');
  writeFileSync(`${path}.tmp`, `${JSON.stringify(run, null, 1)}\n`);
  renameSync(`${path}.tmp`, path);
}
