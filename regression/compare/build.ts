/** One of two compared builds: a version of the servers, with its own packages and its own Node. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Static } from 'typebox';
import type { FleetSpec } from '../../bench/fleet/fleet.ts';
import { serverEnvironment } from '../../bench/fleet/replica.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/v8-flags.ts';
import { environmentError, messageOf } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { ArmInfo } from '../../servers/contract.ts';
import { pinnedNode } from './installed.ts';

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

/** The folders of a build's entry files; older builds have them in the second. */
const ENTRY_FOLDERS = ['servers/process', 'servers'];

/** @returns the path of one of a build's entries, whether the build has it or not */
export function entryOf(directory: string, name: 'replica.ts' | 'describe.ts'): string {
  const folder = ENTRY_FOLDERS.find((entries) => existsSync(join(directory, entries, name))) ?? 'servers/process';
  return join(directory, folder, name);
}

/** The Node that a version has as a package, otherwise ours. */
function nodeOf(directory: string): string {
  const own = join(directory, 'node_modules/node/bin/node');
  return existsSync(own) ? own : process.execPath;
}

/** Runs what is in `directory` to learn its arms. @throws TollgateError (environment) if it does not start */
export async function describeBuild(directory: string, label: string, commit: string | null): Promise<Build> {
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
