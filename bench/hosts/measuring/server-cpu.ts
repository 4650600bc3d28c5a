/** CPU time of the servers of a target, which may be on several hosts, read by the agents there. */
import type { Processes } from '../../load/protocol.ts';
import type { Tally } from '../../load/replies.ts';
import { sumOrNull } from '../../load/tally.ts';
import type { CpuWatched } from '../../measuring/watch-cpu.ts';
import { cpuBetween } from '../../processes/cpu.ts';
import type { HostReading } from '../agent/protocol.ts';
import type { Host } from '../host.ts';
import type { ServerCpu } from './merge.ts';

type Readings = ReadonlyMap<number, HostReading>;

function redisOf({ redis }: Processes): readonly number[] {
  return redis === null ? [] : typeof redis === 'number' ? [redis] : redis;
}

const pidsOf = (processes: Processes) => [...processes.replicas, ...redisOf(processes), ...(processes.balancer ?? [])];

/** @returns null if one of them is unknown */
function allOf(each: readonly (number | null)[]): readonly number[] | null {
  return each.every((ns) => ns !== null) ? each : null;
}

/** Waits until all of them are idle. */
export async function readServers(hosts: readonly Host[], processes: Processes): Promise<Readings> {
  const pids = pidsOf(processes);
  const each = await Promise.all(hosts.map((host) => host.readCpu(pids)));
  return new Map(each.flatMap((readings) => [...readings]));
}

/** CPU time between two readings. */
export function spentBetween(processes: Processes, before: Readings, after: Readings): ServerCpu {
  let account: NonNullable<Tally['cpuAccount']> = 'groups';
  const spent = (pid: number) => {
    const from = before.get(pid) ?? null;
    const to = after.get(pid) ?? null;
    if (from === null || to === null) return null;
    const { ns, complete } = cpuBetween(from, to);
    if (!complete) account = 'incomplete';
    else if (to.ticksNs !== null && account === 'groups') account = 'threads';
    return ns;
  };
  const replicas = processes.replicas.map(spent);
  const redis = redisOf(processes).map(spent);
  const balancer = processes.balancer?.map(spent);
  return {
    replicaNs: allOf(replicas),
    ...(balancer === undefined ? {} : { balancerNs: allOf(balancer) }),
    redisNs: processes.redis === null ? null : sumOrNull(redis),
    account,
  };
}

/** CPU time of the servers on one host at both ends of a window, by process. */
export interface WatchedThere {
  readonly wallNs: number;
  readonly before: Readings;
  readonly after: Readings;
}

/**
 * For a window in which the servers may be busy at both ends. @param fromMs and `toMs`: on the clock of `monotonicMs`
 * here @returns null if accounts cannot be read
 */
export async function watchServers(
  hosts: readonly Host[],
  processes: Processes,
  fromMs: number,
  toMs: number,
): Promise<CpuWatched | null> {
  const pids = pidsOf(processes);
  const watched = await Promise.all(
    hosts.map(async (host): Promise<WatchedThere | null> => {
      const own = host.own(pids);
      if (own.length === 0) return null;
      const { before, after, wallNs } = await host.agent.ask('cpuBetween', {
        pids: own.map(({ pidThere }) => pidThere),
        fromMs: host.toItsClock(fromMs),
        toMs: host.toItsClock(toMs),
        lastsMs: toMs - fromMs,
      });
      const byPid = (readings: readonly HostReading[]) => new Map(own.map(({ pid }, i) => [pid, readings[i] ?? null]));
      return { wallNs, before: byPid(before), after: byPid(after) };
    }),
  );
  const there = watched.filter((each) => each !== null);
  return watchedOn(processes, there);
}

/** @param there one for each host that has a server @returns null if the accounts of replicas cannot be read. Pure */
export function watchedOn(processes: Processes, there: readonly WatchedThere[]): CpuWatched | null {
  const all = (end: 'before' | 'after'): Readings => new Map(there.flatMap((each) => [...each[end]]));
  const { replicaNs, redisNs, balancerNs, account } = spentBetween(processes, all('before'), all('after'));
  if (replicaNs === null || there.length === 0) return null;
  return {
    replicaCpuNs: replicaNs.reduce((sum, ns) => sum + ns, 0),
    redisCpuNs: redisNs,
    ...(balancerNs === undefined ? {} : { balancerCpuNs: balancerNs }),
    // Each host reads by its own timers, which differ by about a millisecond.
    wallNs: there.reduce((sum, { wallNs }) => sum + wallNs, 0) / there.length,
    ...(account === 'incomplete' ? { isIncomplete: true } : {}),
  };
}
