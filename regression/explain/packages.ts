/** Which packages differ between two lock files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageChange {
  /** A package, with its ancestors: `fastify > find-my-way`. */
  readonly name: string;
  /** A version; null if it is absent. */
  readonly base: string | null;
  readonly head: string | null;
}

/** @param lockText a package-lock.json; null if a build has none @throws SyntaxError if it is not JSON */
export function changedPackages(base: string | null, head: string | null): PackageChange[] {
  const [before, after] = [versionsIn(base), versionsIn(head)];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name): PackageChange[] => {
    const [from, to] = [before.get(name) ?? null, after.get(name) ?? null];
    return from === to ? [] : [{ name, base: from, head: to }];
  });
}

/** Platform-specific packages are part of another one with the same version. */
function versionsIn(lockText: string | null): Map<string, string> {
  const versions = new Map<string, string>();
  const lock: unknown = lockText === null ? null : JSON.parse(lockText);
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return versions;
  for (const [path, entry] of Object.entries(lock.packages ?? {})) {
    const { version } = (entry ?? {}) as { readonly version?: unknown };
    if (!path.includes('node_modules/') || typeof version !== 'string') continue;
    versions.set(path.replace(/^node_modules\//, '').replaceAll('/node_modules/', ' > '), version);
  }
  return versions;
}

/** The text of a build's lock file; null if it has none. */
export function lockOf(directory: string): string | null {
  const path = join(directory, 'package-lock.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
