/** Makes the builds that are compared: copies or checks out their servers, and installs their packages. */
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { environmentError, messageOf, usageError } from '../../core/errors.ts';
import { commitOf, describeCommit, exportCommit, tipOf } from '../git.ts';
import { placeVersion } from '../packages/place.ts';
import { type Build, describeBuild, entryOf } from './build.ts';
import { createInstaller, type Installer } from './install.ts';
import { staleness } from './installed.ts';

/** Makes builds in a separate folder, which is always removed. */
export class Workshop {
  readonly #repository: string;
  readonly #directory: string;
  readonly #installer: Installer;
  readonly #janitor: Janitor;
  readonly #signal: AbortSignal;
  #made = 0;

  /**
   * @param repository the checkout that commits are taken from; its packages serve builds with an identical lock file
   */
  constructor(repository: string, janitor: Janitor, signal: AbortSignal) {
    this.#repository = repository;
    this.#janitor = janitor;
    this.#signal = signal;
    this.#directory = mkdtempSync(join(tmpdir(), 'tollgate-compare-'));
    janitor.watchDirectory(this.#directory);
    this.#installer = createInstaller(repository, janitor, signal);
  }

  /**
   * @param what a folder, or the name of a commit; null for the working tree of the repository
   * @throws TollgateError (usage) for what is neither, (environment) for what cannot be installed or started
   */
  async make(which: string, what: string | null): Promise<Build> {
    const directory = join(this.#directory, `${this.#made++}`);
    const flag = `--${which}`;
    if (what === null || isFolder(what)) {
      const from = what === null ? this.#repository : resolve(what);
      const label = `${which} (${what ?? 'the working tree'})`;
      if (!hasServers(from)) throw noServers(`${flag} ${from}`, await this.#branchNamed(what));
      copyServers(from, directory);
      if (existsSync(join(directory, 'node_modules'))) refuseStale(directory, from, label);
      else await this.#installer.install(directory, `${flag} ${from}`);
      return describeBuild(directory, label, null);
    }
    const commit = await commitOf(this.#repository, what, flag);
    await exportCommit(this.#repository, commit, directory);
    const label = `${which} (${(await describeCommit(this.#repository, commit)).slice(0, 60)})`;
    if (!hasServers(directory)) throw noServers(label);
    await this.#installer.install(directory, label);
    return describeBuild(directory, label, commit);
  }

  /**
   * The servers of `what` with another version of one dependency, as named in a separate lock file.
   * @param what a folder, or the name of a commit; null for the working tree of the repository
   * @throws TollgateError (usage) if there is no such version or dependency, (environment) if it cannot be installed
   */
  async makeWith(which: string, what: string | null, name: string, version: string): Promise<Build> {
    const directory = join(this.#directory, `${this.#made++}`);
    const label = `${which} (${name} ${version})`;
    const commit = what === null || isFolder(what) ? null : await commitOf(this.#repository, what, '--head');
    if (commit === null) copyServers(what === null ? this.#repository : resolve(what), directory, 'unlinked');
    else await exportCommit(this.#repository, commit, directory);
    if (!hasServers(directory)) throw noServers(label);
    const options = { cwd: directory, janitor: this.#janitor, signal: this.#signal };
    await placeVersion(name, version, label, options);
    await this.#installer.install(directory, label);
    const stale = staleness(directory);
    if (stale !== null) throw environmentError(`${label}: ${stale}`, 'empty the cache of npm, and try again');
    return { ...(await describeBuild(directory, label, commit)), placed: `${name} ${version}` };
  }

  /** The same code in another folder, where none of it is compiled yet. Its packages are those of the first. */
  async copyOf(build: Build): Promise<Build> {
    const directory = join(this.#directory, `${this.#made++}`);
    const left = new Set(['node_modules', '.compiled'].map((name) => join(build.directory, name)));
    cpSync(build.directory, directory, { recursive: true, filter: (path) => !left.has(path) });
    const packages = join(build.directory, 'node_modules');
    if (existsSync(packages)) symlinkSync(realpathSync(packages), join(directory, 'node_modules'));
    return { ...(await describeBuild(directory, build.label, build.commit)), placed: build.placed };
  }

  /** A branch with the name of an existing folder; the folder takes precedence. */
  async #branchNamed(what: string | null): Promise<string | null> {
    if (what === null) return null;
    const branch = `refs/heads/${what}`;
    return (await tipOf(this.#repository, branch).catch(() => null)) === null ? null : branch;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** True for a path with a separator, and for an existing folder; a branch of that name needs its full name, `refs/heads/x`. */
export function isFolder(what: string): boolean {
  return existsSync(what) && statSync(what).isDirectory();
}

function hasServers(directory: string): boolean {
  return existsSync(entryOf(directory, 'replica.ts'));
}

function noServers(label: string, branch: string | null = null): Error {
  return usageError(
    `${label} has no servers/process/replica.ts`,
    branch === null
      ? 'choose a checkout or a commit of Tollgate that has one'
      : `a folder takes precedence: for the branch of that name use ${branch}`,
  );
}

/** @throws TollgateError (environment) if the installed packages differ from the lock file */
function refuseStale(directory: string, from: string, label: string): void {
  let stale: string | null;
  try {
    stale = staleness(directory);
  } catch (error) {
    stale = `its packages cannot be read: ${messageOf(error)}`;
  }
  if (stale === null) return;
  throw environmentError(`${label} has other packages than its package-lock.json: ${stale}`, `run npm ci in ${from}`);
}

/** Copies the servers and optionally links their packages, so that later edits have no effect. */
function copyServers(from: string, to: string, packages: 'linked' | 'unlinked' = 'linked'): void {
  for (const name of ['servers', 'package.json', 'package-lock.json', '.npmrc']) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  }
  if (packages === 'linked' && existsSync(join(from, 'node_modules')))
    symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
}
