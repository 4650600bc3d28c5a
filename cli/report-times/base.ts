/** The builds of a comparison. The older one is a commit, checked out with its own packages, or a folder that has them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding, usageError } from '../../core/errors.ts';
import type { Build } from '../../regression/compare/build.ts';
import { Workshop } from '../../regression/compare/workshop.ts';
import { ROOT } from '../root.ts';
import type { Side } from './turns.ts';

export interface Code {
  readonly label: string;
  readonly directory: string;
  readonly execPath: string;
}

export const HEAD: Code = { label: 'head (the working tree)', directory: ROOT, execPath: process.execPath };

const isCheckout = (what: string) => existsSync(join(what, 'reports/build.ts'));

/** The entries of the command line of checkouts, the newest first. */
const ENTRIES = ['cli/start.js', 'cli/main.ts'] as const;

/** The path of the command line of a build. @throws TollgateError if it is too old for a journal of this version */
export function commandLineOf({ label, directory }: Code): string {
  const entry = ENTRIES.map((name) => join(directory, name)).find((path) => existsSync(path));
  if (entry !== undefined) return entry;
  throw usageError(`${label} is too old to read these journals: it has no ${ENTRIES.join(' or ')}`, 'name a later one');
}

/** The code of a build that was made of a commit. */
export const codeOf = ({ label, directory, program }: Build): Code => ({
  label,
  directory,
  execPath: program.execPath ?? process.execPath,
});

/** @throws TollgateError if there is no such commit, or it cannot be installed */
export async function baseOf(what: string, workshop: Workshop): Promise<Code> {
  if (isCheckout(what)) return { label: `base (${what})`, directory: resolve(what), execPath: process.execPath };
  return codeOf(await workshop.make('base', what));
}

/** This build, and the base if one is named, each with a command line. @throws as `baseOf` and `commandLineOf` */
export async function buildsWith(base: string | undefined, workshop: Workshop): Promise<ReadonlyMap<Side, Code>> {
  const builds = new Map<Side, Code>([['head', HEAD]]);
  if (base !== undefined) builds.set('base', await baseOf(base, workshop));
  for (const code of builds.values()) commandLineOf(code);
  return builds;
}

/**
 * Runs a comparison in a temporary folder, which is removed at its end together with the builds.
 *
 * @param name of the comparison, such as `journal`
 */
export async function inWorkshop<T>(
  name: string,
  signal: AbortSignal,
  body: (folder: string, workshop: Workshop) => Promise<T>,
): Promise<T> {
  const janitor = await Janitor.start();
  const folder = mkdtempSync(join(tmpdir(), `tollgate-${name}-`));
  janitor.watchDirectory(folder);
  const workshop = new Workshop(ROOT, janitor, signal);
  return thenEnding(
    () => body(folder, workshop),
    () => workshop.close(),
    () => rmSync(folder, { recursive: true, force: true }),
    () => janitor.finish(),
  );
}
