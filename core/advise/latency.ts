/** Response time at a load: from measured latencies if there are any, otherwise from two queues in series. */

import { answeredLater, type Path, responseQuantile } from '../model/response.ts';
import type { Interval } from '../stats/interval.ts';
import { askingShare, type Cost, type End } from './cost.ts';
import type { ArmEvidence } from './evidence.ts';
import type { Needs } from './needs.ts';

const P99 = 0.99;
const US = 1e-6;

/**
 * Interpolates between the measured loads on the scale 1 / (1 − load), because queues grow like that; null above the
 * highest load.
 */
function measuredP99(latencies: ArmEvidence['latencies'], utilisation: number, end: End): number | null {
  const [first, ...others] = latencies;
  if (first === undefined) return null;
  const crowd = (load: number) => 1 / (1 - Math.min(0.999, load));
  if (utilisation * 100 <= first.loadPct) return first.p99Us[end];
  let before = first;
  for (const after of others) {
    if (utilisation * 100 <= after.loadPct) {
      const [from, to] = [crowd(before.loadPct / 100), crowd(after.loadPct / 100)];
      const part = (crowd(utilisation) - from) / (to - from);
      return before.p99Us[end] + part * (after.p99Us[end] - before.p99Us[end]);
    }
    before = after;
  }
  return null;
}

/** The number of replicas, companions and Redis processes. */
export interface Fleet {
  readonly replicas: number;
  readonly companions: number;
  readonly redisNodes: number;
}

interface Waiting {
  readonly paths: readonly Path[];
  /** The p99 from measured latencies, in ms; null if there are none for this load. */
  readonly measuredMs: number | null;
}

function waitingFor(arm: ArmEvidence, cost: Cost, needs: Needs, fleet: Fleet, end: End): Waiting {
  const { requestsPerSecond: rate, rttMs } = needs;
  const asking = askingShare(arm, cost, needs);
  const used = (us: number, of: number) => (us === 0 ? 0 : (rate * us * US) / Math.max(1, of));
  const mean = (light: Interval, more: Interval) => light[end] + asking * more[end];
  const busy = used(mean(cost.replicaUs, cost.recheck.replicaUs), fleet.replicas);
  // An authorization server or a database is the second stage of an arm that has one; it is what Redis serves.
  const hasCompanion = cost.companionUs.value > 0;
  const behind = cost.redisUs[end] + cost.companionUs[end];
  const busyRedis = hasCompanion
    ? used(mean(cost.companionUs, cost.recheck.companionUs), fleet.companions)
    : used(mean(cost.redisUs, cost.recheck.redisUs), fleet.redisNodes);
  const stage = (us: number, utilisation: number) => ({ service: us * US, utilisation });
  const trips = Math.round(arm.redisCommands?.value ?? 0);
  const rechecks = cost.recheck.redisUs.value > 0;
  const way = (share: number, replicaUs: number, redisUs: number, commands: number): Path => ({
    share,
    stages: [stage(replicaUs, busy), stage(redisUs, busyRedis)],
    delay: (commands * rttMs) / 1000,
  });
  const light = way(1 - asking, cost.replicaUs[end], behind, trips);
  const asks = way(
    asking,
    cost.replicaUs[end] + cost.recheck.replicaUs[end],
    behind + cost.recheck.redisUs[end] + cost.recheck.companionUs[end],
    trips + (rechecks ? 1 : 0),
  );
  const measured = busy >= 1 || busyRedis >= 1 ? null : measuredP99(arm.latencies, busy, end);
  // Measured with Redis on the same host. The slower of two paths sets the p99 if more than one request in a hundred
  // takes it.
  const slowest = trips + (rechecks && asking > 1 - P99 ? 1 : 0);
  return { paths: [light, asks], measuredMs: measured === null ? null : measured / 1000 + slowest * rttMs };
}

/** The p99 with a given fleet; Infinity if the fleet cannot carry the load. */
export function p99Of(arm: ArmEvidence, cost: Cost, needs: Needs, fleet: Fleet, end: End = 'value') {
  const { paths, measuredMs } = waitingFor(arm, cost, needs, fleet, end);
  return measuredMs === null
    ? { ms: 1000 * responseQuantile(paths, P99), from: 'queue' as const }
    : { ms: measuredMs, from: 'latency' as const };
}

/** Whether `p99Of` is above a limit; cheaper, because it need not search for the value. */
export function exceedsP99(arm: ArmEvidence, cost: Cost, needs: Needs, fleet: Fleet, limitMs: number): boolean {
  const { paths, measuredMs } = waitingFor(arm, cost, needs, fleet, 'value');
  return measuredMs === null ? answeredLater(paths, limitMs / 1000) > 1 - P99 : measuredMs > limitMs;
}
