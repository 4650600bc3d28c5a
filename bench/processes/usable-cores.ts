/**
 * The cores that a run may use: which ones, of which kinds, which of them share hardware, and how much of their time
 * quotas leave. All code that counts cores asks here, so that it never counts unavailable ones.
 */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { allowedCores, parseCpuList, pinnableCores, type SeparateCores, separateCores } from './cores.ts';
import { type Group, ProcessTrees, textOf } from './groups/cgroups.ts';

/** Cores of equal speed. */
export interface CoreKind {
  /** `cpu_core`, `capacity 446`, `2000 MHz`; empty if nothing distinguishes the cores. */
  readonly name: string;
  readonly cores: readonly number[];
}

export interface UsableCores {
  /** How many cores this process may run on. */
  readonly count: number;
  /** Their numbers; empty if the system does not tell. */
  readonly cores: readonly number[];
  /** The CPU quota of our control group and its ancestors, in cores; null if there is no limit. */
  readonly quota: number | null;
  /** The smaller of count and quota: may be less than 1. */
  readonly usable: number;
  /** The fastest first. */
  readonly kinds: readonly CoreKind[];
  /** Groups of usable cores that are hardware threads of one core. */
  readonly siblings: readonly (readonly number[])[];
}

/** @param root of the file system; tests replace it */
export function readUsableCores(root = '/'): UsableCores {
  const cores = allowedCores(root);
  const count = cores.length > 0 ? cores.length : availableParallelism();
  const quota = readQuota(root);
  const usable = quota === null ? count : Math.min(count, quota);
  return { count, cores, quota, usable, kinds: kindsOf(cores, root), siblings: siblingsOf(cores, root) };
}

/**
 * Whether a load generator polls for responses instead of sleeping. On a single core, or within a quota of one, polling
 * would take CPU time from the measured processes; but then servers pay for waking it up.
 */
export function clientPolls({ usable }: Pick<UsableCores, 'usable'>): boolean {
  return usable > 1;
}

/** Cores for the measuring processes and for all others; null unless there are two to choose from. */
export function separateUsableCores(): SeparateCores | null {
  return separateCores(pinnableCores(), readUsableCores());
}

/**
 * @param text content of `cpu.max`, such as `50000 100000`
 *
 * @returns cores; null for no limit
 */
export function parseCpuMax(text: string): number | null {
  const [, quota, period] = /^(\d+) (\d+)\s*$/.exec(text) ?? [];
  return quota === undefined ? null : ratioOf(Number(quota), Number(period));
}

/** @param quotaMicros -1 for no limit */
function ratioOf(quotaMicros: number, periodMicros: number): number | null {
  return quotaMicros > 0 && periodMicros > 0 ? quotaMicros / periodMicros : null;
}

function limitOf({ version }: Group, path: string): number | null {
  if (version === 2) return parseCpuMax(textOf(join(path, 'cpu.max')));
  const number = (file: string) => Number(textOf(join(path, file)).trim());
  return ratioOf(number('cpu.cfs_quota_us'), number('cpu.cfs_period_us'));
}

/** The tightest limit of our group and all visible groups around it. */
function readQuota(root: string): number | null {
  const trees = new ProcessTrees('self', root);
  let least: number | null = null;
  for (const group of [trees.version1('cpu'), trees.version2()]) {
    if (group === null) continue;
    for (let path = group.path; path.startsWith(group.top); path = join(path, '..')) {
      const limit = limitOf(group, path);
      if (limit !== null && (least === null || limit < least)) least = limit;
      if (path === group.top || path === '/') break;
    }
  }
  return least;
}

/** Turbo and binning make cores of one kind differ by some percent. */
const SAME_KIND = 0.85;

/** Groups cores by speed, with `name` for each group. */
function clustered(levels: readonly (readonly [number, number])[], name: (level: number) => string): CoreKind[] {
  const kinds: { readonly level: number; readonly cores: number[] }[] = [];
  for (const [core, level] of levels.toSorted(([a, x], [b, y]) => y - x || a - b)) {
    const last = kinds.at(-1);
    if (last !== undefined && level >= SAME_KIND * last.level) last.cores.push(core);
    else kinds.push({ level, cores: [core] });
  }
  return kinds.map(({ level, cores }) => ({ name: name(level), cores: cores.toSorted((a, b) => a - b) }));
}

/**
 * Intel names its kinds. Elsewhere the scheduler's capacity tells (1024 is the largest), or the highest frequency. If
 * a core says nothing, all count as one kind.
 */
function kindsOf(cores: readonly number[], root: string): CoreKind[] {
  const named = ['cpu_core', 'cpu_atom', 'cpu_lowpower'].flatMap((name): CoreKind[] => {
    const own = parseCpuList(textOf(join(root, `sys/devices/${name}/cpus`)));
    const usable = cores.filter((core) => own.includes(core));
    return usable.length === 0 ? [] : [{ name, cores: usable }];
  });
  if (named.flatMap((kind) => kind.cores).length === cores.length && named.length > 0) return named;
  const levelsIn = (file: string) => {
    const levels = cores.map((core) => {
      const level = Number(textOf(join(root, `sys/devices/system/cpu/cpu${core}/${file}`)).trim());
      return [core, level] as const;
    });
    return levels.length > 0 && levels.every(([, level]) => level > 0) ? levels : null;
  };
  const capacities = levelsIn('cpu_capacity');
  const byCapacity = capacities && clustered(capacities, (level) => `capacity ${level}`);
  if (byCapacity && byCapacity.length > 1) return byCapacity;
  const frequencies = levelsIn('cpufreq/cpuinfo_max_freq');
  const byFrequency = frequencies && clustered(frequencies, (kHz) => `${Math.round(kHz / 1000)} MHz`);
  return byFrequency && byFrequency.length > 1 ? byFrequency : [{ name: '', cores }];
}

function siblingsOf(cores: readonly number[], root: string): number[][] {
  const groups = new Map<string, number[]>();
  for (const core of cores) {
    const topology = join(root, `sys/devices/system/cpu/cpu${core}/topology`);
    // Kernels before 5.2 use the first name.
    const list = textOf(join(topology, 'thread_siblings_list')) || textOf(join(topology, 'core_cpus_list'));
    const usable = parseCpuList(list).filter((other) => cores.includes(other));
    if (usable.length > 1) groups.set(usable.join(), usable);
  }
  return [...groups.values()];
}

/**
 * Whether the kernel accounts for time spent on interrupts separately from the interrupted process. Otherwise the
 * work of receiving over loopback is charged to the sender.
 *
 * @param release of the kernel
 *
 * @returns null if its configuration cannot be read
 */
export function hasIrqTimeAccounting(release: string, root = '/'): boolean | null {
  const config = textOf(join(root, `boot/config-${release}`)) || unzipped(join(root, 'proc/config.gz'));
  return config === '' ? null : /^CONFIG_IRQ_TIME_ACCOUNTING=y$/m.test(config);
}

function unzipped(path: string): string {
  try {
    return gunzipSync(readFileSync(path)).toString('latin1');
  } catch {
    return '';
  }
}
