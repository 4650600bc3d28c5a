/** The versions of the measured packages, from npm's record of what it has installed. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

interface Entry {
  readonly version?: unknown;
  readonly dev?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Entries = Readonly<Record<string, Entry>>;

const RECORD = 'node_modules/.package-lock.json';

/**
 * @param root of the checkout, or of the files of the installed package
 *
 * @returns empty if npm did not install them
 */
export function readPackages(root: string): Record<string, string> {
  for (let folder = root; ; folder = dirname(folder)) {
    const own = within(folder, root);
    try {
      // A parent folder may have the record of another project.
      if (folder === root || own !== null) return installedPackages(readFileSync(join(folder, RECORD), 'utf8'), own);
    } catch {
      // There is none, or another package manager's: the versions remain unknown.
    }
    if (folder === dirname(folder)) return {};
  }
}

/** The package that a file belongs to, by its name in the record; null if it is no package of that folder. */
function within(folder: string, file: string): string | null {
  const path = relative(folder, file).split(sep).join('/');
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/**
 * @param of the package whose dependencies are meant; null for all except those for development only
 *
 * @returns versions by name
 */
export function installedPackages(record: string, of: string | null = null): Record<string, string> {
  const lock: unknown = JSON.parse(record);
  const packages: Record<string, string> = {};
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return packages;
  const entries = lock.packages as Entries;
  const wanted = of === null ? null : reachedFrom(of, entries);
  for (const [path, entry] of Object.entries(entries)) {
    const isMeant = wanted === null ? entry.dev !== true : wanted.has(path);
    if (typeof entry.version !== 'string' || !isMeant) continue;
    packages[path.replace(/^node_modules\//, '').replaceAll('/node_modules/', ' > ')] = entry.version;
  }
  return packages;
}

/** All transitive dependencies of a package, by path, without the package itself. */
function reachedFrom(start: string, entries: Entries): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { dependencies = {}, optionalDependencies = {} } = entries[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = resolved(name, path, entries);
      if (found === null || reached.has(found)) continue;
      reached.add(found);
      waiting.push(found);
    }
  }
  return reached;
}

/** Resolves a package as Node does: next to the package that needs it, then in each parent folder. */
function resolved(name: string, from: string, entries: Entries): string | null {
  const [, ...names] = from.split(/\/?node_modules\//);
  for (let depth = names.length; depth >= 0; depth--) {
    const path = [...names.slice(0, depth), name].map((folder) => `node_modules/${folder}`).join('/');
    if (entries[path] !== undefined) return path;
  }
  return null;
}
