/**
 * CPU shares through control groups: each replica is held to a fraction of a core, so that 1..N replicas scale on a
 * few cores as they would on many. Version 2 (`cpu.max`) and version 1 (`cpu.cfs_quota_us`) are known.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Janitor } from '../processes/janitor.ts';

/** Short periods keep the pauses of a throttled process short. */
const SHORTEST_PERIOD_MICROS = 10_000;
/** The kernel's own, and that of container runtimes. */
const USUAL_PERIOD_MICROS = 100_000;
/** The kernel accepts nothing smaller. */
const LEAST_QUOTA_MICROS = 1_000;
/**
 * A throttled process finds its caches full of other processes' data, so short CPU periods make each request more expensive.
 * In periods of this length a request costs about what it costs at saturation. See docs/method.md, "Laboratory notes".
 */
const WARM_RUN_MICROS = 7_000;

/**
 * The period over which a share is enforced. `steady` is short, for the least delay; `warm` is so long that a request costs
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

/** The files that hold a group's limit: pure, so that both versions can be tested anywhere. */
export function limitFiles(version: 1 | 2, quota: Quota): readonly { readonly file: string; readonly text: string }[] {
  if (version === 2) return [{ file: 'cpu.max', text: `${quota.quotaMicros} ${quota.periodMicros}` }];
  return [
    { file: 'cpu.cfs_period_us', text: `${quota.periodMicros}` },
    { file: 'cpu.cfs_quota_us', text: `${quota.quotaMicros}` },
  ];
}

/** The path of our own group in the hierarchy of the `cpu` controller, from the text of `/proc/self/cgroup`. */
export function ownGroup(procSelfCgroup: string, version: 1 | 2): string | null {
  for (const line of procSelfCgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) continue;
    if (version === 2 && controllers === '') return path;
    if (version === 1 && controllers.split(',').includes('cpu')) return path;
  }
  return null;
}

interface Base {
  readonly version: 1 | 2;
  readonly path: string;
}

function findBase(): Base | string {
  let own: string;
  try {
    own = readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return 'this system has no control groups';
  }
  for (const mount of ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct']) {
    const group = ownGroup(own, 1);
    if (group === null || !existsSync(mount)) continue;
    // In a container the path may name the host's tree: the mount's root is ours then.
    const path = existsSync(join(mount, group)) ? join(mount, group) : mount;
    if (existsSync(join(path, 'cpu.shares'))) return { version: 1, path };
  }
  const group = ownGroup(own, 2);
  const path = group === null ? null : join('/sys/fs/cgroup', group);
  if (path === null || !existsSync(join(path, 'cgroup.controllers'))) return 'no cpu control group is mounted';
  if (!readFileSync(join(path, 'cgroup.controllers'), 'utf8').split(/\s+/).includes('cpu')) {
    return `the cpu controller is not delegated to ${path}`;
  }
  return { version: 2, path };
}

/** The control groups of one run, in a directory of its own. */
export class CpuShares {
  readonly version: 1 | 2;
  readonly #root: string;
  readonly #janitor: Janitor;
  readonly #made: string[] = [];
  #count = 0;

  private constructor(version: 1 | 2, root: string, janitor: Janitor) {
    this.version = version;
    this.#root = root;
    this.#janitor = janitor;
  }

  /** @returns the shares, or in one line why CPU time cannot be shared */
  static open(janitor: Janitor): CpuShares | string {
    const base = findBase();
    if (typeof base === 'string') return base;
    const root = join(base.path, `tollgate-${process.pid}`);
    try {
      mkdirSync(root);
      janitor.watchGroup(root);
      const shares = new CpuShares(base.version, root, janitor);
      if (base.version === 2) {
        enableCpu(base.path);
        enableCpu(root);
      }
      // Prove that a limit can be written before a measurement relies on it.
      shares.#group(0.5, 'steady');
      return shares;
    } catch (error) {
      try {
        rmdirSync(root);
      } catch {
        // The janitor tries again.
      }
      const reason = error instanceof Error ? error.message : String(error);
      return `no cpu control group can be written below ${base.path} (${reason})`;
    }
  }

  /** Holds a process to a fraction of a core, in place of what held it before. Its threads are held with it. */
  limit(pid: number, cores: number, period: CpuPeriod): void {
    writeFileSync(join(this.#group(cores, period), 'cgroup.procs'), `${pid}`);
  }

  /** Removes groups whose processes have ended; the janitor takes what remains. */
  sweep(): void {
    for (const path of this.#made.splice(0)) {
      try {
        rmdirSync(path);
      } catch {
        this.#made.push(path);
      }
    }
  }

  #group(cores: number, period: CpuPeriod): string {
    const path = join(this.#root, `share-${this.#count++}`);
    mkdirSync(path);
    this.#made.push(path);
    this.#janitor.watchGroup(path);
    for (const { file, text } of limitFiles(this.version, quotaFor(cores, period)))
      writeFileSync(join(path, file), text);
    accessSync(join(path, 'cgroup.procs'), constants.W_OK);
    return path;
  }
}

function enableCpu(path: string): void {
  const file = join(path, 'cgroup.subtree_control');
  if (!readFileSync(file, 'utf8').split(/\s+/).includes('cpu')) writeFileSync(file, '+cpu');
}
