/** The folder of a run, which is created and checked to be writable before any load. */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { resumeFaults } from '../bench/run/resumable.ts';
import { unwritable } from '../core/atomic-file.ts';
import { messageOf, UsageError, usageError } from '../core/errors.ts';
import { makeFolders, proveWritable, removeEmpty } from '../core/folders.ts';
import { type Journal, readJournalFile } from '../core/results/journal.ts';
import type { RunConfig } from '../core/results/recorded/config.ts';
import type { JournalLine, Run } from '../core/results/schema.ts';
import { shellWord } from '../core/text/shell.ts';
import type { ArmInfo } from '../servers/contract.ts';
import { LATEST, RESULTS } from './root.ts';
import { typedCommand } from './typed-command.ts';

const JOURNAL = 'journal.jsonl';

export const journalPath = (directory: string) => join(directory, JOURNAL);

/** The folder as the user would type it. */
export const shownFolder = (directory: string) => relative(process.cwd(), directory) || '.';

/** `2026-01-31T12-00-00Z`: sorts by time and is valid in a path on every system. */
export function runIdAt(date: Date): string {
  return date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
}

/** `2026-01-31T12-00-00Z-3f9a1c`: different for runs that begin within one second, on any machine. */
export const newRunId = () => `${runIdAt(new Date())}-${randomBytes(3).toString('hex')}`;

/** A folder for results, created before there are any. */
export interface NewFolder {
  readonly directory: string;
  /** The folders that were created for it, outermost first; empty if it existed. */
  readonly made: readonly string[];
}

/** What can be done with a run besides choosing another folder. */
type Use = (directory: string) => string;
const showRun: Use = (directory) => `show that run: ${typedCommand('report', [shownFolder(directory)])}`;
/** Only `bench`, `capacity` and `micro` continue runs. */
const resumeRun: Use = (directory) => `continue an interrupted run there: --resume ${shellWord(directory)}`;

/**
 * @param out the folder named by the user; null creates one in results/ @param name of a folder in results/, unless
 * it is taken @throws TollgateError (usage) as `makeFolder` does
 */
export function newFolder(out: string | null, name: string, use?: Use): NewFolder {
  if (out === null) {
    const directory = freshFolder(name);
    return { directory, made: [directory] };
  }
  const directory = resolve(out);
  return { directory, made: makeFolder(directory, use) };
}

/** Removes the created folder if the body ended without writing anything. */
export async function inFolder<T>({ made }: NewFolder, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } finally {
    removeEmpty(made);
  }
}

/**
 * Creates a folder in results/ that no other run has, even one that begins at the same moment. @throws TollgateError
 * if it cannot be created
 */
export function freshFolder(runId: string): string {
  makeFolders(resolve(RESULTS));
  for (let i = 1; ; i++) {
    const path = resolve(RESULTS, i === 1 ? runId : `${runId}-${i}`);
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isTaken) throw unwritable(path, error);
    }
  }
}

/** Creates the folder unless it exists. @throws TollgateError (usage) if it cannot be created or written */
export function writableFolder(path: string): NewFolder {
  const directory = resolve(path);
  const made = makeFolders(directory);
  proveWritable(directory);
  return { directory, made };
}

/**
 * @param use of the run that the folder may contain, for the hint @returns the created folders, outermost first
 * @throws TollgateError (usage) if the folder cannot be created or written, or already contains a run
 */
export function makeFolder(directory: string, use = showRun): readonly string[] {
  const { made } = writableFolder(directory);
  const journal = lstatSync(journalPath(directory), { throwIfNoEntry: false });
  if (journal?.isFile() === true)
    throw usageError(`--out: ${directory} already contains a run`, `choose another folder, or ${use(directory)}`);
  // A dangling link too: the run would be written to whatever it names.
  if (journal !== undefined)
    throw usageError(`--out: ${directory} contains a ${JOURNAL} that is not a plain file`, 'choose another folder');
  return made;
}

/**
 * @param flag what named the folder
 * @throws TollgateError (usage) if it holds no journal that can be read
 */
export function openRun(directory: string, flag: string): Journal {
  const fault = journalFault(directory);
  if (fault !== null) throw usageError(`${flag}: ${fault.what}`, fault.hint);
  try {
    return readJournalFile(journalPath(directory));
  } catch (error) {
    throw usageError(`${flag}: the journal in ${directory} cannot be used: ${messageOf(error)}`, 'name another run');
  }
}

/** @returns why a folder holds no journal that may be opened; null where it does */
export function journalFault(directory: string): { readonly what: string; readonly hint: string } | null {
  const file = lstatSync(journalPath(directory), { throwIfNoEntry: false });
  if (file === undefined) {
    return {
      what: `no run found in ${directory}`,
      hint: `give a folder that contains a ${JOURNAL}, or make one with npm run bench`,
    };
  }
  // A pipe would be waited for without end, and lines be added to whatever a link names.
  return file.isFile() ? null : { what: `the journal in ${directory} is not a plain file`, hint: 'name another run' };
}

export interface RunFolder extends NewFolder {
  readonly runId: string;
  readonly config: RunConfig;
  /** What an earlier part of the run left; empty for a new run. */
  readonly prior: readonly JournalLine[];
}

/**
 * Makes the folder of a new run, or opens that of an interrupted one, whose configuration then counts.
 * @throws TollgateError (usage)
 */
export function openFolder(
  options: {
    readonly config: RunConfig;
    readonly out: string | null;
    readonly resume: string | null;
  },
  arms: readonly ArmInfo[],
): RunFolder {
  if (options.resume !== null) {
    const directory = resolve(options.resume);
    const journal = openRun(directory, '--resume');
    const faults = resumeFaults(journal, arms);
    if (faults.length > 0) {
      const hint = 'show its results with npm run report, or start a new run without --resume';
      throw new UsageError(
        faults.map((fault) => `--resume: ${shownFolder(directory)} cannot be continued: ${fault}`),
        hint,
      );
    }
    const { header, lines } = journal;
    return { directory, made: [], config: header.config, runId: header.runId, prior: lines };
  }
  const { shard } = options.config;
  // Shards may begin in one second, and may use one Redis.
  const suffix = shard === undefined ? '' : `-shard-${shard.index}-of-${shard.count}`;
  const runId = `${newRunId()}${suffix}`;
  return { ...newFolder(options.out, runId, resumeRun), config: options.config, runId, prior: [] };
}

/**
 * Points `results/latest` at a complete run in `results/`. The link must not outlive a folder elsewhere, so others get
 * none.
 */
export function linkLatest(directory: string, { complete }: Pick<Run, 'complete'>): void {
  if (!complete) return;
  const link = resolve(LATEST);
  const target = relative(dirname(link), resolve(directory));
  if (target === '' || target.startsWith('..')) return;
  try {
    rmSync(link, { force: true, recursive: false });
    symlinkSync(target, link);
  } catch {
    // A convenience: if links cannot be made, the path is still printed.
  }
}
