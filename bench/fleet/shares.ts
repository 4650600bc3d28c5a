/**
 * CPU shares through control groups: each replica is limited to a fraction of a core, so that 1..N replicas scale on
 * a few cores as they would on many. Supports version 2 (`cpu.max`) and version 1 (`cpu.cfs_quota_us`).
 */
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { type Group, ProcessTrees } from '../processes/groups/cgroups.ts';
import { ProcessGroups } from '../processes/groups/process-groups.ts';
import type { Janitor } from '../processes/janitor.ts';

/** Short periods keep the pauses of a throttled process short. */
const SHORTEST_PERIOD_MICROS = 10_000;
/** The default of the kernel and of container runtimes. */
const USUAL_PERIOD_MICROS = 100_000;
/** The kernel's minimum. */
const LEAST_QUOTA_MICROS = 1_000;
/**
 * A throttled process finds its caches full of other processes' data, so short CPU periods make each request more expensive.
 * In periods of this length a request costs about what it costs at saturation. See docs/method.md, "Laboratory notes".
 */
const WARM_RUN_MICROS = 7_000;

/**
 * The period of the CPU limit. `steady` is short, for the least delay; `warm` is long enough that a request costs
 * about the same CPU time as without a limit.
 */
export type CpuPeriod = 'steady' | 'warm';

export interface Quota {
  readonly quotaMicros: number;
  readonly periodMicros: number;
}

/** @param cores fraction of a core, above 0 */
export function quotaFor(cores: number, period: CpuPeriod): Quota {
  const wanted = period === 'warm' ? Math.min(USUAL_PERIOD_MICROS, Math.ceil(WARM_RUN_MICROS / cores)) : 0;
  const least = Math.ceil(LEAST_QUOTA_MICROS / cores);
  const periodMicros = Math.max(SHORTEST_PERIOD_MICROS, least, wanted);
  return { quotaMicros: Math.max(LEAST_QUOTA_MICROS, Math.round(cores * periodMicros)), periodMicros };
}

/** Small enough for a container that is itself held to a fraction of a core. */
const TRIAL_CORES = 0.05;

const UNLIMITED = {
  1: { file: 'cpu.cfs_quota_us', text: '-1' },
  2: { file: 'cpu.max', text: 'max' },
} as const;

/** The files with a group's limit. Pure, so that both versions can be tested anywhere. */
export function limitFiles(version: 1 | 2, quota: Quota): readonly { readonly file: string; readonly text: string }[] {
  if (version === 2) return [{ file: 'cpu.max', text: `${quota.quotaMicros} ${quota.periodMicros}` }];
  return [
    { file: 'cpu.cfs_period_us', text: `${quota.periodMicros}` },
    { file: 'cpu.cfs_quota_us', text: `${quota.quotaMicros}` },
  ];
}

function findBase(root: string): Group | string {
  const trees = new ProcessTrees('self', root);
  const one = trees.version1('cpu');
  if (one !== null && existsSync(join(one.path, 'cpu.shares'))) return one;
  const two = trees.version2();
  if (two === null || !existsSync(join(two.path, 'cgroup.controllers'))) return 'no cpu control group is mounted';
  return hasWord(join(two.path, 'cgroup.controllers'), 'cpu')
    ? two
    : `the cpu controller is not delegated to ${two.path}`;
}

/** Limits the CPU shares of a run's processes, each in a separate group. */
export class CpuShares {
  readonly version: 1 | 2;
  readonly #groups: ProcessGroups;

  private constructor(version: 1 | 2, groups: ProcessGroups) {
    this.version = version;
    this.#groups = groups;
  }

  /** @returns the shares, or one line that says why CPU time cannot be limited */
  static open(janitor: Pick<Janitor, 'watchGroup'>, root = '/'): CpuShares | string {
    const base = findBase(root);
    if (typeof base === 'string') return base;
    try {
      const groups = new ProcessGroups(base.path, janitor);
      if (base.version === 2) {
        enableCpu(base.path);
        enableCpu(groups.root);
      }
      // Verifies that a limit can be written before a measurement relies on it.
      groups.try((trial) => {
        for (const { file, text } of limitFiles(base.version, quotaFor(TRIAL_CORES, 'steady')))
          writeFileSync(join(trial, file), text);
        accessSync(join(trial, 'cgroup.procs'), constants.W_OK);
      });
      return new CpuShares(base.version, groups);
    } catch (error) {
      return `no cpu control group can be written below ${base.path} (${messageOf(error)})`;
    }
  }

  /** Limits a process and its threads to a fraction of a core, instead of its previous limit. */
  limit(pid: number, cores: number, period: CpuPeriod): void {
    const group = this.release(pid);
    for (const { file, text } of limitFiles(this.version, quotaFor(cores, period)))
      writeFileSync(join(group, file), text);
  }

  /** Removes a process's own limit. @returns its group */
  release(pid: number): string {
    const group = this.#groups.of(pid);
    const { file, text } = UNLIMITED[this.version];
    writeFileSync(join(group, file), text);
    return group;
  }

  /** Removes groups without processes; the janitor removes the rest. */
  sweep(): void {
    this.#groups.sweep();
  }
}

function hasWord(file: string, word: string): boolean {
  return readFileSync(file, 'utf8').split(/\s+/).includes(word);
}

function enableCpu(path: string): void {
  const file = join(path, 'cgroup.subtree_control');
  if (!hasWord(file, 'cpu')) writeFileSync(file, '+cpu');
}
