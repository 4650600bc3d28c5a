/** Reads and writes `run.json`. */
import { join } from 'node:path';
import { type JsonFormat, parseJson, readJson, writeJson } from './json-file.ts';
import { withArmFacts } from './old/arms.ts';
import { Run, SCHEMA_VERSION } from './schema.ts';
import { checker } from './validate.ts';

const checkRun = checker(Run);

const FORMAT: JsonFormat<Run> = {
  what: 'the run',
  version: SCHEMA_VERSION,
  check: (value) => checkRun(withArmFacts(value)),
  hints: {
    missing: 'name the folder of a run, such as results/latest, or make one with npm run bench',
    damaged: 'rebuild it from the journal: npm run report -- DIR',
    version: 'use the version of Tollgate that made the run, or repeat the run',
  },
};

const pathIn = (directory: string) => join(directory, 'run.json');

/** @throws JsonFileError */
export function readRun(directory: string): Run {
  return readJson(pathIn(directory), FORMAT);
}

/** @param path for the message only. @throws JsonFileError */
export function parseRun(text: string, path: string): Run {
  return parseJson(text, path, FORMAT);
}

/** Writes it atomically. */
export function writeRun(directory: string, run: Run): void {
  writeJson(pathIn(directory), run, FORMAT, { indent: 1 });
}
