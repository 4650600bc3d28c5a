/** Which cores this process may run on, and whether a process can be pinned to one of them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from './executables.ts';
import { textOf } from './groups/cgroups.ts';

/** `0-2,5` → 0, 1, 2, 5: the kernel's list format (proc(5), `Cpus_allowed_list`). */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
      if (from === undefined) return [];
      const last = Number(to ?? from);
      return Array.from({ length: Math.max(0, last - Number(from) + 1) }, (_, i) => Number(from) + i);
    });
}

/**
 * @param root of the file system; tests replace it
 *
 * @param pid of another process; this one if left out
 *
 * @returns the cores that a process may run on; empty if the system does not tell
 */
export function allowedCores(root = '/', pid: number | 'self' = 'self'): number[] {
  const status = textOf(join(root, `proc/${pid}/status`));
  return parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '');
}

/** @returns the cores that processes can be pinned to; empty without `taskset` or /proc */
export function pinnableCores(path = process.env.PATH ?? ''): number[] {
  return findOnPath(['taskset'], path) === null ? [] : allowedCores();
}

/** 0, 1, 2, 5 → `0-2,5`, as `parseCpuList` reads it. */
export function formatCpuList(cores: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const core of cores.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && core === last[1] + 1) last[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

export interface SeparateCores {
  /** For the processes that measure. */
  readonly measuring: number;
  /** For all other processes; at least one. */
  readonly measured: readonly number[];
}

/** The cores of each kind, the fastest first, and the hardware threads of each core. */
export interface Topology {
  readonly kinds: readonly { readonly cores: readonly number[] }[];
  readonly siblings: readonly (readonly number[])[];
}

/**
 * Prefers the fastest kind that has two cores. If possible, the measured cores contain no hardware thread of the
 * measuring core, since two threads of one core slow each other down.
 *
 * @returns null unless there are two cores to choose from
 */
export function separateCores(
  cores: readonly number[],
  topology: Topology = { kinds: [], siblings: [] },
): SeparateCores | null {
  const kinds = topology.kinds.map((kind) => kind.cores.filter((core) => cores.includes(core)));
  const usable = kinds.find((kind) => kind.length > 1) ?? cores;
  const measuring = usable.at(-1);
  if (measuring === undefined || usable.length < 2) return null;
  const others = usable.filter((core) => core !== measuring);
  const threads = topology.siblings.find((group) => group.includes(measuring)) ?? [];
  const apart = others.filter((core) => !threads.includes(core));
  return { measuring, measured: apart.length > 0 ? apart : others };
}

/**
 * Restricts a process, with all its threads, to these cores. Processes that it starts later inherit the restriction.
 *
 * @returns false if that is not permitted, or the process is gone
 */
export function confine(pid: number, cores: readonly number[]): boolean {
  const words = ['--all-tasks', '--cpu-list', '--pid', cores.join(','), String(pid)];
  return spawnSync('taskset', words, { stdio: 'ignore' }).status === 0;
}

/** A thread that ends while its process is restricted makes that fail, so it is tried again. */
const MOST_TRIES = 3;

/**
 * Restricts several processes. One that has ended needs no core: backends of a database end at any time.
 *
 * @returns false if one that still exists cannot be restricted; the others are
 */
export function confineAll(pids: readonly number[], cores: readonly number[]): boolean {
  const isDone = (pid: number): boolean => {
    for (let tries = 0; tries < MOST_TRIES; tries++) if (confine(pid, cores)) return true;
    return !existsSync(`/proc/${pid}`);
  };
  return pids.map(isDone).every(Boolean);
}

/**
 * Puts servers that are compared in turns on one core, and all other processes on the rest: cores are not equal,
 * since a neighbour on the same hardware, or the load itself, slows some of them down. With two cores Redis shares
 * the second one with the load.
 *
 * @param cores null unless there are two to choose from
 *
 * @returns false in that case, or if processes cannot be pinned
 */
export function pinServers(
  pids: { readonly servers: readonly number[]; readonly others: readonly number[] },
  cores: SeparateCores | null,
): boolean {
  if (cores === null) return false;
  // The same two sets in exchanged roles: the single core is for the servers.
  const { measuring: ofServers, measured: ofOthers } = cores;
  return confineAll(pids.others, ofOthers) && confineAll(pids.servers, [ofServers]);
}

/** If a machine stalls, all its cores do, so a sample is enough on a large machine. */
export const MOST_WATCHED = 8;

/** At most `limit` of the cores, spread evenly: watching each one costs some CPU time. */
export function spread(cores: readonly number[], limit: number): number[] {
  if (cores.length <= limit) return [...cores];
  return Array.from({ length: limit }, (_, i) => cores[Math.floor((i * cores.length) / limit)] ?? 0);
}
