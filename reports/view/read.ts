/** Reads `run.json`, and says in one line what is wrong with it and what mends it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Check, Errors } from 'typebox/value';
import { GateFileError, readGate } from '../../core/results/gate-file.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import { withArmFacts } from '../../core/results/old-arms.ts';
import { Run, SCHEMA_VERSION } from '../../core/results/schema.ts';

/** A run that cannot be reported on. The message is one line and ends in what to do. */
export class UnreadableRun extends Error {
  override readonly name = 'UnreadableRun';
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** @throws UnreadableRun when the file is missing, is not JSON, is of another schema version, or has a wrong field. */
export async function readRun(runDir: string): Promise<Run> {
  const path = join(runDir, 'run.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const hint = 'Give the folder of a run, such as results/latest, or make one with npm run bench.';
    throw new UnreadableRun(`${path} cannot be read (${errorCode(error)}). ${hint}`);
  }
  return parseRun(text, path);
}

/** `path` is only for the message. @throws UnreadableRun */
export function parseRun(text: string, path: string): Run {
  const rebuild = 'Rebuild it from the journal: npm run report -- with the folder of the run.';
  let data: unknown;
  try {
    data = withArmFacts(JSON.parse(text));
  } catch {
    throw new UnreadableRun(`${path} is damaged: it is not JSON. ${rebuild}`);
  }
  const version = typeof data === 'object' && data !== null && 'schemaVersion' in data ? data.schemaVersion : undefined;
  if (version !== undefined && version !== SCHEMA_VERSION) {
    const hint = 'Report with the version of Tollgate that made the run, or repeat the run with this one.';
    throw new UnreadableRun(
      `${path} has schema version ${JSON.stringify(version)}, this is ${SCHEMA_VERSION}. ${hint}`,
    );
  }
  if (!Check(Run, data)) {
    const first = Errors(Run, data)[0];
    const place = first === undefined || first.instancePath === '' ? 'the top level' : first.instancePath;
    throw new UnreadableRun(`${path} is damaged: ${place} ${first?.message ?? 'is not a run'}. ${rebuild}`);
  }
  return data;
}

/** The security checks of a run; null where none were run. @throws UnreadableRun when `gate.json` is damaged */
export function readGateOf(runDir: string): GateResult | null {
  try {
    return readGate(runDir);
  } catch (error) {
    if (!(error instanceof GateFileError)) throw error;
    throw new UnreadableRun(`${error.message}. Remove it to report without the security checks.`);
  }
}
