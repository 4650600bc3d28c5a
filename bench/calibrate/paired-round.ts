/**
 * One round of the paired load in the form of `toll`, with a server that burns CPU time among others: does b, the
 * cost of a request to a busy server, contain what was burned?
 */

import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { createRandom } from '../../core/stats/random.ts';
import type { Address } from '../load/connection/connection.ts';
import { PairedLoad } from '../load/paired/paired.ts';
import type { Target } from '../load/protocol.ts';
import type { LengthTally, Tally } from '../load/replies.ts';
import { type CpuUse, compareCounts, compareCpu, type Row } from './compare.ts';
import type { TruthServer } from './truth/client.ts';
import type { TruthCounts } from './truth/protocol.ts';

/** Eight arms, with three processes of the baseline. */
const PARTIES = 10;
/** The number of servers besides the one that burns and its control. */
export const BYSTANDERS = PARTIES - 2;
const LOAD = { inFlight: STANDARD_IN_FLIGHT, keys: null };
/** Even, as in a block of the toll: the second half has the orders of the first backwards. */
const ROUNDS = 4;
const WARM_UP = { ...LOAD, rounds: 2, batches: 5 };

export interface PairedServers {
  readonly burning: TruthServer;
  readonly control: TruthServer;
  /** They take turns in between, so that the others find the caches cold. */
  readonly bystanders: readonly TruthServer[];
}

function targetOf(key: string, address: Address, pid: number): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: null };
  return {
    key,
    addresses: [{ ...address }],
    requests: Array.from({ length: STANDARD_IN_FLIGHT }, () => request),
    processes: { replicas: [pid], redis: null },
  };
}

/** The CPU time of long turns beyond short ones, and what was burned for the same requests. */
function cpuUse({ lengths = [] }: Tally, { allBurnedMicros, allRequests }: TruthCounts): CpuUse | null {
  const [short, long] = lengths;
  if (!hasCpu(short) || !hasCpu(long)) return null;
  const requests = long.requests - short.requests;
  const nanos = long.replicaCpuNs - short.replicaCpuNs;
  return { nanos, requests, burnedMicros: (allBurnedMicros / allRequests) * requests };
}

function hasCpu(turns: LengthTally | undefined): turns is LengthTally & { readonly replicaCpuNs: number } {
  return typeof turns?.replicaCpuNs === 'number';
}

/** @returns null if CPU time cannot be read */
export async function pairedRound(
  name: string,
  { burning, control, bystanders }: PairedServers,
  seed: number,
): Promise<Row[] | null> {
  const random = createRandom(seed);
  const servers = [burning, control, ...bystanders];
  const load = await PairedLoad.open(servers.map(({ address, pid }, index) => targetOf(String(index), address, pid)));
  const reset = () => Promise.all(servers.map((server) => server.reset(0, 'asleep')));
  try {
    await reset();
    await load.block(WARM_UP, random);
    await reset();
    const [own, idle] = await load.block({ ...LOAD, rounds: ROUNDS }, random);
    const [truth, idleTruth] = await Promise.all([burning.truth(), control.truth()]);
    if (!own || !idle) throw new Error('the paired load gave no tally');
    const [use, idleUse] = [cpuUse(own, truth), cpuUse(idle, idleTruth)];
    if (use === null || idleUse === null) return null;
    return [...compareCounts(name, truth, own), compareCpu(name, use, idleUse)];
  } finally {
    load.close();
  }
}
