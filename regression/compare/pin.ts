/**
 * Keeps all compared servers on one core, and load and Redis off it. Cores are not equal: a neighbour on the same
 * hardware, or the generator itself, slows one of them, and a server on it would seem slower.
 */
import { confine, pinnableCores } from '../../bench/processes/cores.ts';

export interface Placed {
  readonly servers: readonly number[];
  readonly others: readonly number[];
}

/** Puts the servers on the last core, and everything else on the others. Null if there is only one core. Pure. */
export function coresFor(cores: readonly number[]): { readonly servers: number[]; readonly others: number[] } | null {
  return cores.length < 2 ? null : { servers: cores.slice(-1), others: cores.slice(0, -1) };
}

/** @returns false if that is impossible: one core, no taskset, or a container that forbids it */
export function pin({ servers, others }: Placed): boolean {
  const cores = coresFor(pinnableCores());
  if (cores === null) return false;
  const done = [
    ...servers.map((pid) => confine(pid, cores.servers)),
    ...others.map((pid) => confine(pid, cores.others)),
  ];
  return done.every(Boolean);
}
