/** The folder of one run: made and proved writable before any load starts. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf, usageError } from '../core/errors.ts';
import { type Journal, JournalError, readJournal } from '../core/results/journal.ts';

export const RESULTS = 'results';
const JOURNAL = 'journal.jsonl';

export const journalPath = (directory: string) => join(directory, JOURNAL);

/** As the user would type it. */
export const shownFolder = (directory: string) => relative(process.cwd(), directory) || '.';

/** `2026-01-31T12-00-00Z`: sorts by time and stands in a path on every system. */
export function runIdAt(date: Date): string {
  return date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
}

/** @returns a folder below results/ that no other run has */
export function freshFolder(runId: string): string {
  let path = resolve(RESULTS, runId);
  for (let i = 2; existsSync(path); i++) path = resolve(RESULTS, `${runId}-${i}`);
  return path;
}

/** @throws TollgateError (usage) when it cannot be made or written, or holds a run already */
export function makeFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw usageError(
      `--out: ${directory} cannot be written (${messageOf(error)})`,
      'name a folder that may be written',
    );
  }
  if (existsSync(journalPath(directory))) {
    throw usageError(
      `--out: ${directory} holds a run already`,
      `name another folder, or go on with it: --resume ${directory}`,
    );
  }
}

/** @throws TollgateError (usage) when there is no journal that can be read */
export function openRun(directory: string, flag: string): Journal {
  let text: string;
  try {
    text = readFileSync(journalPath(directory), 'utf8');
  } catch {
    throw usageError(
      `${flag}: there is no run in ${directory}`,
      `name a folder that holds a ${JOURNAL}, such as ${RESULTS}/latest`,
    );
  }
  try {
    return readJournal(text);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw usageError(`${flag}: the journal in ${directory} cannot be used: ${error.message}`, 'name another run');
  }
}

/** Points `results/latest` at this run. */
export function linkLatest(directory: string): void {
  const link = resolve(RESULTS, 'latest');
  try {
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true, recursive: false });
    symlinkSync(relative(dirname(link), resolve(directory)), link);
  } catch {
    // A convenience: where links cannot be made, the path is printed all the same.
  }
}
