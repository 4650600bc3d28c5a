/** One of two compared builds: a version of the servers, with its own packages and its own Node. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Static } from 'typebox';
import type { FleetSpec } from '../../bench/fleet/fleet.ts';
import { serverEnvironment } from '../../bench/fleet/replica.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/v8-flags.ts';
import { environmentError, messageOf, usageError } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { ArmInfo } from '../../servers/contract.ts';
import { commitOf, describeCommit, exportCommit, tipOf } from '../git.ts';
import { placeVersion } from '../packages/place.ts';
import { createInstaller, type Installer } from './install.ts';
import { pinnedNode, staleness } from './installed.ts';

/**
 * The required facts about another version's arms: only those that a comparison needs, so that versions may differ in
 * the rest.
 */
const OtherArms = Type.Object({
  arms: Type.Array(
    Type.Object({
      name: Type.String(),
      baseline: Type.Boolean(),
      usesRedis: Type.Boolean(),
      summary: Type.Optional(Type.String()),
    }),
  ),
});
const checkInfo = checker(ArmInfo);
export type BuildArm = Static<typeof OtherArms>['arms'][number];
const checkArms = checker(OtherArms);

export interface Build {
  /** A label for people: `base (a1b2c3d Take less time)`. */
  readonly label: string;
  /** The folder of its servers; for a commit, of all its files. */
  readonly directory: string;
  /** The full commit, or null for a folder. */
  readonly commit: string | null;
  readonly node: string;
  /**
   * A dependency that was replaced by another version, such as `fast-jwt 6.3.5`; null if its lock file is unchanged.
   */
  readonly placed: string | null;
  readonly v8: string;
  /** Whether its replicas can take CPU profiles. */
  readonly canProfile: boolean;
  /** Whether its Node supports the flags that make V8 optimise sooner. */
  readonly canOptimiseSooner: boolean;
  readonly arms: readonly BuildArm[];
  /** The facts of arms that it describes in this checkout's form. */
  readonly facts: readonly ArmInfo[];
  readonly program: NonNullable<FleetSpec['program']>;
}

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

/** The folders of a build's entry files; older builds have them in the second. */
const ENTRY_FOLDERS = ['servers/process', 'servers'];

/** @returns the path of one of a build's entries, whether the build has it or not */
function entryOf(directory: string, name: 'replica.ts' | 'describe.ts'): string {
  const folder = ENTRY_FOLDERS.find((entries) => existsSync(join(directory, entries, name))) ?? 'servers/process';
  return join(directory, folder, name);
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

/** The Node that a version has as a package, otherwise ours. */
function nodeOf(directory: string): string {
  const own = join(directory, 'node_modules/node/bin/node');
  return existsSync(own) ? own : process.execPath;
}

async function describeBuild(directory: string, label: string, commit: string | null): Promise<Build> {
  const execPath = nodeOf(directory);
  const run = async (args: readonly string[]) => {
    const { stdout } = await promisify(execFile)(execPath, [...args], {
      cwd: directory,
      timeout: 30_000,
      env: serverEnvironment(),
    });
    return stdout.trim();
  };
  let listed: string;
  let node: string;
  let options: string;
  let v8: string;
  try {
    [listed, node, options, v8] = await Promise.all([
      run([entryOf(directory, 'describe.ts')]),
      run(['--version']),
      run(['--v8-options']),
      run(['-p', 'process.versions.v8']),
    ]);
  } catch (error) {
    throw environmentError(
      `${label} does not start: ${faultOf(error)}`,
      'start it by hand: node servers/process/describe.ts',
    );
  }
  const pinned = pinnedNode(directory);
  if (pinned !== null && pinned !== node) {
    throw environmentError(
      `${label} would run on Node ${node}, and its package-lock.json pins ${pinned}`,
      'install its Node, which comes as a package: npm ci --include=dev --ignore-scripts=false',
    );
  }
  const checked = checkArms(parse(listed));
  if (!checked.ok) {
    throw environmentError(
      `the list of arms of ${label} does not match the schema: ${checked.reason}`,
      'compare with a later version',
    );
  }
  return {
    label,
    directory,
    commit,
    node,
    placed: null,
    v8,
    canProfile: existsSync(join(dirname(entryOf(directory, 'replica.ts')), 'profiler.ts')),
    canOptimiseSooner: ALIKE_OPTIMISED.every((flag) => options.includes(flag.replace(/=.*/, ' '))),
    arms: checked.value.arms,
    facts: checked.value.arms.flatMap((arm) => {
      const info = checkInfo(arm);
      return info.ok ? [info.value] : [];
    }),
    // In its own folder, which is removed with it.
    program: { entry: entryOf(directory, 'replica.ts'), execPath, compiled: join(directory, '.compiled') },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The line of a process's output that names the fault. */
function faultOf(error: unknown): string {
  const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
  const line = said.split('\n').find((candidate) => /error\b.*:|error$/i.test(candidate));
  return (line ?? messageOf(error)).trim().slice(0, 200);
}

/**
 * An arm in the form that a fleet needs: as the build describes it, with its companions and proofs. If that is in
 * another version's form, its facts are filled in; an arm with only Redis, or no store, starts without them.
 */
export function armOf(
  build: { readonly arms: Build['arms']; readonly facts: Build['facts'] },
  name: string,
): ArmInfo | null {
  const known = build.facts.find((candidate) => candidate.name === name);
  if (known !== undefined) return known;
  const arm = build.arms.find((candidate) => candidate.name === name);
  if (arm === undefined) return null;
  return {
    name,
    title: name,
    summary: arm.summary ?? '',
    baseline: arm.baseline,
    family: 'none',
    usesRedis: arm.usesRedis,
    serverState: 'none',
    redisCommandsPerRequest: 0,
    needsStickyRouting: false,
    revocation: 'at-once',
    survivesRedisOutage: false,
    crossOrigin: false,
    needsCsrfProtection: false,
    readableByScript: false,
  };
}
