/** Which cores this process may run on, and whether a process can be pinned to one of them. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

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

/** @returns the cores that processes can be pinned to; empty where `taskset` or /proc is missing */
export function pinnableCores(path = process.env.PATH ?? ''): number[] {
  if (!path.split(delimiter).some((folder) => isExecutable(join(folder, 'taskset')))) return [];
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    return parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '');
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A core for those who measure and one for those who are measured; undefined where there are not two to choose from. */
export function coresApart(cores = pinnableCores()): { readonly measuring?: number; readonly measured?: number } {
  const [measured, ...others] = cores;
  const measuring = others.at(-1);
  return measured === undefined || measuring === undefined ? {} : { measured, measuring };
}

/** Lets a process, with all its threads, run on these cores alone. What it starts from now on inherits that. */
export function confine(pid: number, cores: readonly number[]): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores.join(','), String(pid)], { stdio: 'ignore' });
}

/** At most `limit` of the cores, spread evenly: each one watched costs some CPU time of its own. */
export function spread(cores: readonly number[], limit: number): number[] {
  if (cores.length <= limit) return [...cores];
  return Array.from({ length: limit }, (_, i) => cores[Math.floor((i * cores.length) / limit)] ?? 0);
}
