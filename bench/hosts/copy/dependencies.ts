/**
 * The packages that the processes of a run import, wherever npm put them: a host needs them in addition to our own
 * code.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runError } from '../../../core/errors.ts';

/** Imported by the coordinator alone: reports, browsers, the micro suite. They are two thirds of the total. */
const NOT_ON_HOSTS: ReadonlySet<string> = new Set(['log-update', 'playwright-core', 'tinybench', 'vega', 'vega-lite']);

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface PlacedPackage {
  /** Its path here. */
  readonly from: string;
  /** Its path below the copy's root: `node_modules/fastify`. */
  readonly to: string;
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Node's lookup: in `node_modules` of the folder, and of all its parents. */
function find(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (dirname(folder) === folder) return null;
  }
}

/**
 * Each package once: at the top level if no other version of it is there, otherwise within the package that needs it.
 * @param root the folder of our own `package.json` @throws TollgateError if one is not installed
 */
export function placedPackages(root: string): readonly PlacedPackage[] {
  const top = new Map<string, string>();
  const placed = new Map<string, string>();
  const waiting: { from: string; to: string }[] = [];
  const place = (name: string, from: string, inside: string, optional: boolean) => {
    const path = find(name, from);
    if (path === null) {
      if (optional) return;
      throw runError(`the package ${name} is not installed, so it cannot be copied to hosts`, 'run npm ci');
    }
    const atTop = top.get(name) ?? path;
    top.set(name, atTop);
    const to = join(atTop === path ? '' : inside, 'node_modules', name);
    if (placed.has(to)) return;
    placed.set(to, path);
    waiting.push({ from: path, to });
  };
  const own = Object.keys(manifestIn(root).dependencies ?? {});
  // Ours come first, so that none of them is put inside another package.
  for (const name of own) if (!NOT_ON_HOSTS.has(name)) place(name, root, '', false);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { dependencies = {}, optionalDependencies = {} } = manifestIn(next.from);
    for (const name of Object.keys(dependencies))
      place(name, next.from, next.to, Object.hasOwn(optionalDependencies, name));
    for (const name of Object.keys(optionalDependencies)) place(name, next.from, next.to, true);
  }
  return [...placed].map(([to, from]) => ({ from, to }));
}

/** Files of a folder without its own `node_modules`, as paths below it, in a fixed order. */
export function filesBelow(folder: string, keep: (path: string) => boolean, at = ''): string[] {
  return readdirSync(join(folder, at), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(folder, keep, path);
      return entry.isFile() && keep(path) ? [path] : [];
    });
}
