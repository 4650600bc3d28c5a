/** Reads and writes `gate.json`, in the folder of a run or in one of its own. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATE_SCHEMA_VERSION, GateResult } from './gate-schema.ts';
import { checker } from './validate.ts';

const GATE_FILE = 'gate.json';
const checkResult = checker(GateResult);

/** `gate.json` is damaged or of another version. The message says which, in one line. */
export class GateFileError extends Error {
  override readonly name = 'GateFileError';
}

/** @returns null where the folder has none. @throws GateFileError */
export function readGate(directory: string): GateResult | null {
  const path = join(directory, GATE_FILE);
  if (!existsSync(path)) return null;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new GateFileError(`${path} is not JSON`);
  }
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : null;
  if (version !== GATE_SCHEMA_VERSION) {
    throw new GateFileError(
      `${path} has schema version ${JSON.stringify(version)} and this Tollgate reads version ${GATE_SCHEMA_VERSION}`,
    );
  }
  const checked = checkResult(value);
  if (!checked.ok) throw new GateFileError(`${path} is not of the schema ${checked.reason}`);
  return checked.value;
}

/** Whole or not at all. @throws GateFileError when the result is not of the schema */
export function writeGate(directory: string, result: GateResult): void {
  const checked = checkResult(result);
  if (!checked.ok) throw new GateFileError(`the result of the gate is not of the schema ${checked.reason}`);
  const path = join(directory, GATE_FILE);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${path}.tmp`, path);
}
