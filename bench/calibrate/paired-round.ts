/** One round of the paired load between a server that burns CPU time and its control: does it find what was burned? */

import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { createRandom } from '../../core/stats/random.ts';
import type { Address } from '../load/connection/connection.ts';
import { PairedLoad } from '../load/paired/paired.ts';
import type { Tally, Target } from '../load/protocol.ts';
import { type CpuUse, compareCounts, compareCpu, type Row } from './compare.ts';
import type { TruthServer } from './truth/client.ts';
import type { TruthCounts } from './truth/protocol.ts';

const BLOCK = { inFlight: STANDARD_IN_FLIGHT, batches: 4, keys: null };
const ROUNDS = 25;
const WARM_UP_ROUNDS = 3;

function targetOf(key: string, address: Address, pid: number): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: null };
  return {
    key,
    addresses: [{ ...address }],
    requests: Array.from({ length: STANDARD_IN_FLIGHT }, () => request),
    processes: { replicas: [pid], redis: null },
  };
}

function cpuUse({ requests, replicaCpuNs }: Tally, { allBurnedMicros }: TruthCounts): CpuUse | null {
  const nanos = replicaCpuNs?.[0];
  return nanos === undefined ? null : { nanos, requests, burnedMicros: allBurnedMicros };
}

/** @returns null where CPU time cannot be read */
export async function pairedRound(
  name: string,
  server: TruthServer,
  control: TruthServer,
  seed: number,
): Promise<Row[] | null> {
  const random = createRandom(seed);
  const load = await PairedLoad.open([
    targetOf('burning', server.address, server.pid),
    targetOf('control', control.address, control.pid),
  ]);
  try {
    await Promise.all([server.reset(0, 'asleep'), control.reset(0, 'asleep')]);
    await load.block({ ...BLOCK, rounds: WARM_UP_ROUNDS }, random);
    await Promise.all([server.reset(0, 'asleep'), control.reset(0, 'asleep')]);
    const [burning, idle] = await load.block({ ...BLOCK, rounds: ROUNDS }, random);
    const [truth, idleTruth] = await Promise.all([server.truth(), control.truth()]);
    if (!burning || !idle) throw new Error('the paired load gave no tally');
    const [use, idleUse] = [cpuUse(burning, truth), cpuUse(idle, idleTruth)];
    if (use === null || idleUse === null) return null;
    return [...compareCounts(name, truth, burning), compareCpu(name, use, idleUse)];
  } finally {
    load.close();
  }
}
