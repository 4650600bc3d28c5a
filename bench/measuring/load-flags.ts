/** Flags of a saturated slice, from the CPU time used during it. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { Tally } from '../load/replies.ts';

/** Above this share of a core or of its event loop's time, the generator may limit the throughput. */
const GENERATOR_LIMIT = 0.95;
/** Above this share of a core, a process of the balancer may limit the throughput. */
const BALANCER_LIMIT = 0.95;
/** Above this share of all cores, processes wait for each other. */
const CORES_LIMIT = 0.97;

/** @param each CPU time of every process of a balancer, in ns @param wallNs elapsed time */
export function balancerFlags(each: readonly number[], wallNs: number): Flag[] {
  return each.some((ns) => ns / wallNs > BALANCER_LIMIT) ? ['balancer-saturated'] : [];
}

/** @param cores of the machine */
export function saturationFlags(tally: Tally, cores: number): Flag[] {
  const flags: Flag[] = [];
  const windowNs = tally.durationMs * 1e6;
  if (
    tally.generatorCpuNs / (tally.generators ?? 1) / windowNs > GENERATOR_LIMIT ||
    tally.generatorBusy > GENERATOR_LIMIT
  ) {
    flags.push('generator-saturated');
  }
  const balancerNs = tally.balancerCpuNs ?? [];
  flags.push(...balancerFlags(balancerNs, windowNs));
  const consumed =
    tally.generatorCpuNs +
    (tally.redisCpuNs ?? 0) +
    (tally.companionCpuNs ?? 0) +
    [...balancerNs, ...(tally.replicaCpuNs ?? [])].reduce((sum, ns) => sum + ns, 0);
  if (consumed / windowNs > CORES_LIMIT * cores) flags.push('oversubscribed');
  return flags;
}
