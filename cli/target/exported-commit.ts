/** A service at a commit of its repository: the same configuration, with other files. */
import { existsSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { messageOf, usageError } from '../../core/errors.ts';
import { commitOf, exportCommit, git } from '../../regression/git.ts';
import { gitHint } from '../../regression/git-error.ts';
import type { Service } from '../../target/config/service.ts';

const LOCKS = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'package.json'];

/**
 * Exports the commit into a folder that the janitor removes. Packages are those of the working tree, if the lock
 * files are identical. @throws TollgateError (usage) if there is no such commit, or it has other packages
 */
export async function checkOut(service: Service, ref: string, janitor: Janitor): Promise<Service> {
  const { launch } = service;
  if (launch === null) throw new TypeError('the service has no command');
  const { directory } = launch;
  let root: string;
  try {
    root = await git(directory, ['rev-parse', '--show-toplevel']);
  } catch (error) {
    throw usageError(`--base: git cannot read ${directory}: ${messageOf(error)}`, gitHint(error));
  }
  const commit = await commitOf(root, ref, '--base');
  const exported = mkdtempSync(join(tmpdir(), 'tollgate-target-'));
  janitor.watchDirectory(exported);
  await exportCommit(root, commit, exported);
  const inside = relative(root, directory);
  const moved = join(exported, inside);
  if (!existsSync(moved))
    throw usageError(`--base: ${ref} has no folder ${inside}`, 'name a commit in which start.directory exists');
  for (const folder of new Set([root, directory])) {
    const packages = join(folder, 'node_modules');
    if (!existsSync(packages)) continue;
    const to = join(exported, relative(root, folder));
    const other = LOCKS.find((lock) => textOf(join(folder, lock)) !== textOf(join(to, lock)));
    if (other !== undefined)
      throw usageError(
        `--base: ${other} differs at ${ref}, so it may need other packages`,
        'check that commit out, install its packages, and compare two configurations',
      );
    symlinkSync(packages, join(to, 'node_modules'));
  }
  return { ...service, launch: { ...launch, directory: moved } };
}

const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);
