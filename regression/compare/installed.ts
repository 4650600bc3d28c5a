/** Whether the installed packages are those in the lock file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';

const Lock = Type.Object({
  packages: Type.Record(
    Type.String(),
    Type.Object({
      version: Type.Optional(Type.String()),
      integrity: Type.Optional(Type.String()),
      optional: Type.Optional(Type.Boolean()),
      link: Type.Optional(Type.Boolean()),
    }),
  ),
});
type Packages = Static<typeof Lock>['packages'];
const checkLock = checker(Lock);

/** npm's own record of what it installed, which omits packages for other platforms. */
const RECORD = 'node_modules/.package-lock.json';
const FOLDER = 'node_modules/';

/**
 * @returns the first package that differs, in words; null if all match the lock file, or there is none @throws
 * SyntaxError if a file is not JSON
 */
export function staleness(directory: string): string | null {
  const lock = packagesOf(join(directory, 'package-lock.json'));
  const record = packagesOf(join(directory, RECORD)) ?? {};
  for (const [path, wanted] of Object.entries(lock ?? {})) {
    if (!path.includes(FOLDER) || wanted.link === true) continue;
    const name = path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);
    const there = versionIn(join(directory, path));
    if (there === null && wanted.optional === true) continue;
    if (there === null) return `${name} ${wanted.version ?? ''} is not installed`;
    if (wanted.version !== undefined && there !== wanted.version) {
      return `${name} ${there} is installed, and the lock file names ${wanted.version}`;
    }
    const installed = record[path]?.integrity;
    if (installed !== undefined && wanted.integrity !== undefined && installed !== wanted.integrity) {
      return `${name} ${there} is installed from a different package than in the lock file`;
    }
  }
  return null;
}

/** The version of Node that a lock file pins as a package, such as `v26.10.0`; null if it pins none. */
export function pinnedNode(directory: string): string | null {
  const version = lockedVersion(directory, 'node');
  return version === null ? null : `v${version}`;
}

/** The version of a direct dependency in the lock file; null if there is none. */
function lockedVersion(directory: string, name: string): string | null {
  return packagesOf(join(directory, 'package-lock.json'))?.[`${FOLDER}${name}`]?.version ?? null;
}

/** Every version of a package in the lock file, at any depth. */
export function lockedVersions(directory: string, name: string): string[] {
  const packages = Object.entries(packagesOf(join(directory, 'package-lock.json')) ?? {});
  const own = packages.filter(([path]) => path === `${FOLDER}${name}` || path.endsWith(`/${FOLDER}${name}`));
  return [...new Set(own.flatMap(([, { version }]) => version ?? []))];
}

function packagesOf(path: string): Packages | null {
  if (!existsSync(path)) return null;
  const checked = checkLock(JSON.parse(readFileSync(path, 'utf8')));
  return checked.ok ? checked.value.packages : null;
}

const checkPackage = checker(Type.Object({ version: Type.String() }));

function versionIn(folder: string): string | null {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  const checked = checkPackage(JSON.parse(readFileSync(path, 'utf8')));
  return checked.ok ? checked.value.version : null;
}
