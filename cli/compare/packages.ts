/** `--package` and `--node`: the same servers on two versions of a dependency, several at once as a matrix. */
import { UsageError } from '../../core/errors.ts';
import type { Build } from '../../regression/compare/build.ts';
import { isFolder, type Workshop } from '../../regression/compare/workshop.ts';
import { commitOf, git } from '../../regression/git.ts';
import { missingVersion, type NpmOptions } from '../../regression/packages/npm.ts';
import { manifestIn, manifestOf, notDependencies, type PackagePair } from '../../regression/packages/versions.ts';
import { ROOT } from '../root.ts';

/**
 * Refuses packages that are not dependencies, and versions that do not exist, before anything is installed or started.
 * @param servers a folder, or the name of a commit; null for the working tree
 * @throws UsageError with every fault
 */
export async function refuseMissing(
  pairs: readonly PackagePair[],
  servers: string | null,
  options: Omit<NpmOptions, 'cwd'>,
): Promise<void> {
  const manifest =
    servers === null || isFolder(servers)
      ? manifestOf(servers ?? ROOT)
      : manifestIn(await git(ROOT, ['show', `${await commitOf(ROOT, servers, '--head')}:./package.json`]));
  const others = notDependencies(pairs, manifest);
  const known = pairs.filter((pair) => notDependencies([pair], manifest).length === 0);
  const asked = await Promise.all(
    known.flatMap(({ name, base, head }) =>
      [base, head].map((version) => missingVersion(name, version, { ...options, cwd: ROOT })),
    ),
  );
  const faults = [...others, ...asked.filter((fault) => fault !== null)];
  if (faults.length > 0) throw new UsageError(faults, 'npm view NAME versions lists those that exist');
}

/** Both builds of a pair: they differ only in their packages. */
export async function makePair(
  { name, base, head }: PackagePair,
  servers: string | null,
  workshop: Workshop,
): Promise<[Build, Build]> {
  return [await workshop.makeWith('base', servers, name, base), await workshop.makeWith('head', servers, name, head)];
}
