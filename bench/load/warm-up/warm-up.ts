/**
 * Brings targets to the state in which they are measured: code compiled and optimised, pools filled. A raw load with
 * prepared requests, which only counts responses, takes a fraction of the time of a measuring load.
 */
import { readUsableCores } from '../../processes/usable-cores.ts';
import { authorityOf } from '../connection/authority.ts';
import { type ReadyRequest, toReadyRequest } from '../connection/ready-request.ts';
import type { Target } from '../protocol.ts';
import { type ColdReplica, type WarmedReplica, type WarmUpLimits, warmReplica } from './replica.ts';

/** Replicas warmed up at the same time: the load takes a core, and V8's helper threads the rest. */
const AT_A_TIME = Math.max(1, Math.min(2, Math.floor(readUsableCores().usable)));

/** With less time than this, reconnecting is not worthwhile. */
const LEAST_MS = 200;

export interface WarmUpOptions extends WarmUpLimits {
  /** For all targets together. */
  readonly timeoutMs: number;
}

/** The result of the replica of a target that got the fewest requests, or is least warm. */
export interface WarmedTarget extends WarmedReplica {
  readonly key: string;
}

/** A replica, and the targets that it belongs to. */
interface Shared extends ColdReplica {
  readonly keys: Set<string>;
  readonly requests: ReadyRequest[];
}

/**
 * The replicas behind these targets, each once: one shared by several targets gets the requests of all of them, since
 * its CPU time is one figure.
 */
export function replicasOf(targets: readonly Target[]): readonly Shared[] {
  const replicas = new Map<string, Shared>();
  for (const { key, addresses, requests, processes } of targets) {
    const knowsPids = processes.replicas.length === addresses.length;
    for (const [i, address] of addresses.entries()) {
      const name = authorityOf(address);
      const pid = knowsPids ? (processes.replicas[i] ?? null) : null;
      const replica = replicas.get(name) ?? { address, pid, requests: [], keys: new Set() };
      replicas.set(name, replica);
      replica.keys.add(key);
      // As in every load: connection i goes to address i mod N.
      const own = requests.filter((_, index) => index % addresses.length === i);
      replica.requests.push(...(own.length > 0 ? own : requests).map((request) => toReadyRequest(address, request)));
    }
  }
  return [...replicas.values()];
}

/** Combines the results of a target's replicas. */
export function together(replicas: readonly WarmedReplica[]): WarmedReplica {
  return replicas.reduce((all, one) => ({
    requests: Math.min(all.requests, one.requests),
    isWarm: all.isWarm && one.isWarm,
    helperShare: largest(all.helperShare, one.helperShare),
    cpuUsPerRequest: largest(all.cpuUsPerRequest, one.cpuUsPerRequest),
    fault: all.fault ?? one.fault,
  }));
}

/** Null if one is unknown. */
function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** @param warm warms up one replica, for a part of the time @returns one for each target, in order */
export async function warmUp(
  targets: readonly Target[],
  options: WarmUpOptions,
  warm: typeof warmReplica = warmReplica,
): Promise<WarmedTarget[]> {
  const replicas = replicasOf(targets);
  const waiting = [...replicas];
  const deadline = performance.now() + options.timeoutMs;
  const warmed = new Map<ColdReplica, WarmedReplica>();
  const lane = async () => {
    for (;;) {
      // Each gets its share of the time, so that none stays cold if time is short; later ones get what others leave.
      const left = deadline - performance.now();
      const part = (left * AT_A_TIME) / Math.max(AT_A_TIME, waiting.length);
      const replica = waiting.shift();
      if (replica === undefined) return;
      const answered = warmed.get(replica)?.requests ?? 0;
      const result = await warm(replica, options, performance.now() + part, answered);
      warmed.set(replica, result);
      const isOver = result.isWarm || result.fault !== null || result.requests >= options.atMost;
      if (!isOver && deadline - performance.now() > LEAST_MS) waiting.push(replica);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return targets.map(({ key }) => {
    const own = replicas.filter(({ keys }) => keys.has(key));
    return { key, ...together(own.flatMap((replica) => warmed.get(replica) ?? [])) };
  });
}
