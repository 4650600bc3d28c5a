/** Changes the version of a dependency in a build's package.json and lock file, and nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentError } from '../../core/errors.ts';
import { firstFault } from '../compare/install.ts';
import { lockedVersions } from '../compare/installed.ts';
import { type NpmOptions, npm } from './npm.ts';
import { type Manifest, withVersion } from './versions.ts';

const LOCK_ONLY = [
  'install',
  '--package-lock-only',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel',
  'error',
];

/**
 * npm changes only the entries of the lock file that the new version requires. @throws TollgateError (environment) if
 * npm cannot, or selects another version
 */
export async function placeVersion(name: string, version: string, label: string, options: NpmOptions): Promise<void> {
  const { cwd } = options;
  if (isPlaced(cwd, name, version)) return;
  const path = join(cwd, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  writeFileSync(path, `${JSON.stringify(withVersion(manifest, name, version), null, 2)}\n`);
  const { code, stderr } = await npm(LOCK_ONLY, options);
  if (code === 0 && isPlaced(cwd, name, version)) return;
  const reason =
    code === 0
      ? `the lock file names ${lockedVersions(cwd, name).join(', ') || 'none'}`
      : (firstFault(stderr) ?? `npm ended with ${code}`);
  throw environmentError(
    `${label}: ${name} ${version} cannot be installed: ${reason.slice(0, 300)}`,
    'try it by hand: npm install',
  );
}

/** No other version of it is anywhere. */
function isPlaced(directory: string, name: string, version: string): boolean {
  const [first, ...others] = lockedVersions(directory, name);
  return first === version && others.length === 0;
}
