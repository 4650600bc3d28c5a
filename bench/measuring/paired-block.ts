/** One block of paired load: a slice for each fleet, with the counters of its processes and its Redis. */

import type { MeasuresDraft } from '../../core/results/measures.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { LoadOptions } from '../load/protocol.ts';
import type { Tally } from '../load/replies.ts';
import type { Cell } from './cells.ts';
import { type NewSlice, type Position, sliceOf } from './slices.ts';
import type { WarmUps } from './warm-up.ts';

interface Counters {
  readonly commands: number;
  /** The replicas' own counters; null for a service. */
  readonly own: { readonly gcMs: number; readonly cpuNs: number } | null;
  readonly rssBytes: number;
}

async function telemetryOf({ foreign, replicas }: Fleet): Promise<Omit<Counters, 'commands'>> {
  if (foreign !== undefined) return { own: null, rssBytes: foreign.rssBytes() };
  const telemetry = await Promise.all(replicas.map((replica) => replica.telemetry()));
  return {
    own: {
      gcMs: telemetry.reduce((sum, { gcMs }) => sum + gcMs, 0),
      cpuNs: telemetry.reduce((sum, { cpuUserUs, cpuSystemUs }) => sum + (cpuUserUs + cpuSystemUs) * 1000, 0),
    },
    rssBytes: telemetry.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / telemetry.length,
  };
}

/** Read between blocks, when the servers have no requests, so that the cost falls into no slice. */
async function readCounters(fleets: readonly Fleet[]): Promise<Map<string, Counters>> {
  const read = fleets.map(async (fleet): Promise<[string, Counters]> => {
    const telemetry = await telemetryOf(fleet);
    // A shared Redis does not show whose commands it ran: they are counted one arm at a time instead.
    const commands = fleet.redis && !fleet.redis.shared ? await fleet.redis.commands() : 0;
    return [fleet.spec.key, { commands, ...telemetry }];
  });
  return new Map(await Promise.all(read));
}

/** What is not in a tally: differences of the counters at the slice's ends. */
function countedBetween(fleet: Fleet, before: Counters | undefined, after: Counters | undefined) {
  const measures: MeasuresDraft = {};
  if (!fleet.redis) measures.redis_cpu_ns = 0;
  if (!before || !after) return { measures };
  measures.rss_bytes = after.rssBytes;
  // The commands of a service are unknown if its configuration names no Redis.
  const isUnknown = fleet.foreign !== undefined && fleet.redis === null;
  if (!fleet.redis?.shared && !isUnknown) measures.redis_commands = after.commands - before.commands;
  if (before.own === null || after.own === null) return { measures };
  measures.gc_ms = after.own.gcMs - before.own.gcMs;
  return { measures, ownCpuNs: after.own.cpuNs - before.own.cpuNs };
}

/** Gives a tally for each target, over the same rounds; usually a load generator. */
export interface PairedGenerator {
  ask(operation: 'paired', options: LoadOptions<'paired'>): Promise<Tally[]>;
}

export interface PairedBlock {
  readonly generator: PairedGenerator;
  /** The fleet of each open target; no two targets of one block may have the same. */
  readonly targets: ReadonlyMap<string, Fleet>;
  readonly position: Pick<Position, 'fork' | 'block'>;
  readonly options: LoadOptions<'paired'>;
  /** The arm and factors of a target's slice. */
  readonly cellOf: (key: string) => Cell;
  /** How warm the targets are. */
  readonly warmUps?: WarmUps;
  /** `warm-up` if the block counts in no figure. */
  readonly mode?: 'paired' | 'warm-up';
}

/** Loads open targets in turns. @returns unrecorded slices, in the targets' order */
export async function pairedSlices(block: PairedBlock): Promise<NewSlice[]> {
  const { generator, targets, position, options, cellOf, warmUps, mode = 'paired' } = block;
  const keys = options.keys ?? [...targets.keys()];
  const fleets = keys.flatMap((key) => targets.get(key) ?? []);
  const before = await readCounters(fleets);
  const tallies = await generator.ask('paired', options);
  const after = await readCounters(fleets);
  return tallies.flatMap((tally, order): NewSlice[] => {
    const fleet = targets.get(tally.key);
    if (!fleet) return [];
    const { key } = fleet.spec;
    const counted = countedBetween(fleet, before.get(key), after.get(key));
    const at = { ...position, order };
    const slice = sliceOf(tally, { mode, position: at, ...cellOf(tally.key), ...counted });
    return [warmUps?.onto(slice, tally.key) ?? slice];
  });
}
