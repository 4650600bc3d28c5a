/** Reads and writes `gate.json`, in the folder of a run or in a separate one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GATE_SCHEMA_VERSION, GateResult } from './gate-schema.ts';
import { type JsonFormat, readJson, writeJson } from './json-file.ts';
import { checker } from './validate.ts';

const REMOVE = 'remove it to report without the security checks';
const FORMAT: JsonFormat<GateResult> = {
  what: 'the result of the gate',
  version: GATE_SCHEMA_VERSION,
  check: checker(GateResult),
  hints: { missing: REMOVE, damaged: REMOVE, version: REMOVE },
};

const pathIn = (directory: string) => join(directory, 'gate.json');

/** @returns null if the folder has none @throws JsonFileError */
export function readGate(directory: string): GateResult | null {
  const path = pathIn(directory);
  return existsSync(path) ? readJson(path, FORMAT) : null;
}

/** Writes it atomically. */
export function writeGate(directory: string, result: GateResult): void {
  writeJson(pathIn(directory), result, FORMAT, { indent: 1 });
}
