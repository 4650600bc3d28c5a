/** The injected faults, and how each is repaired. */
import type { ArmInfo } from '../../../servers/contract.ts';
import type { CompanionFaults } from '../../fleet/companions/companion.ts';
import { breakable, declaresBreakable } from '../../fleet/companions/start.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { RedisFaults } from '../../fleet/redis/faults.ts';
import type { Profile } from '../../measuring/experiment.ts';

export interface FaultKind {
  readonly name: string;
  /** The fault in words, for the progress display. */
  readonly title: string;
  readonly needsRedis: boolean;
  /** True if it affects the companion that stores an arm's state; other arms are then skipped. */
  readonly ofCompanion?: true;
  /** True if the store returns without its data. */
  readonly empties?: true;
  /** The duration of the fault, and of the load after its repair. */
  readonly lastsMs: Readonly<Record<Profile, number>>;
  readonly watchMs: Readonly<Record<Profile, number>>;
  /** The most time that restoring everything may take. */
  readonly returnMs: number;
  /** Called shortly before the fault. */
  readonly prepare?: (fleet: Fleet) => Promise<void>;
  readonly inflict: (fleet: Fleet) => Promise<void>;
  /** Null if it is not repaired. */
  readonly restore: ((fleet: Fleet) => Promise<void>) | null;
}

function faultsOf({ redis, spec, foreign }: Fleet): RedisFaults | null {
  if (foreign !== undefined) return foreign.store?.faults ?? null;
  if (redis === null) return null;
  if (redis.faults === undefined)
    throw new TypeError(`the Redis of ${spec.key} was not started by Tollgate, so it is not disturbed`);
  return redis.faults;
}

/** Includes arms without Redis: the finding is that they are unaffected. */
const toRedis = (act: (faults: RedisFaults) => Promise<void> | void) => async (fleet: Fleet) => {
  const faults = faultsOf(fleet);
  if (faults !== null) await act(faults);
};

const toCompanion = (act: (faults: CompanionFaults) => Promise<void> | void) => async (fleet: Fleet) => {
  const faults = breakable(fleet.companions ?? [])?.faults;
  if (faults !== undefined) await act(faults);
};

/** Whether a fault is measured on an arm. */
export function befalls({ ofCompanion }: FaultKind, arm: Pick<ArmInfo, 'companions'>): boolean {
  return ofCompanion !== true || declaresBreakable(arm);
}

/** Whether an arm's declaration about outages of its store covers this fault. */
export function isOfStore({ ofCompanion, needsRedis }: FaultKind, arm: Pick<ArmInfo, 'companions'>): boolean {
  return declaresBreakable(arm) ? ofCompanion === true : needsRedis;
}

/**
 * Whether a fleet can be measured with it. A service cannot if its store is unknown, is not controlled by Tollgate,
 * or has data that Tollgate cannot remove.
 */
export function canSuffer({ foreign }: Pick<Fleet, 'foreign'>, { needsRedis, empties }: FaultKind): boolean {
  if (foreign === undefined || !needsRedis) return true;
  return foreign.store !== null && (foreign.store.canBeEmptied || empties !== true);
}

/** The fault's name with the store of the fleet: `postgres-frozen`. */
export function faultNameFor({ foreign }: Pick<Fleet, 'foreign'>, { name }: FaultKind): string {
  return foreign?.store == null ? name : name.replace(/^redis-/, `${foreign.store.kind}-`);
}

/** The last of a fleet's replicas. */
const victimOf = ({ replicas }: Fleet) => replicas.length - 1;

/** Faults in the order of injection: the last ones leave no store behind. */
export const FAULTS: readonly FaultKind[] = [
  {
    name: 'redis-frozen',
    title: 'Redis frozen',
    needsRedis: true,
    lastsMs: { quick: 2_600, full: 10_000 },
    watchMs: { quick: 1_600, full: 4_000 },
    returnMs: 0,
    inflict: toRedis((faults) => faults.freeze()),
    restore: toRedis((faults) => faults.thaw()),
  },
  {
    name: 'redis-restarted-empty',
    title: 'Redis killed and restarted empty',
    needsRedis: true,
    empties: true,
    lastsMs: { quick: 2_200, full: 4_000 },
    watchMs: { quick: 2_800, full: 4_000 },
    returnMs: 300,
    inflict: toRedis((faults) => faults.kill()),
    restore: toRedis((faults) => faults.restart('empty')),
  },
  {
    name: 'redis-restarted-with-data',
    title: 'Redis killed and restarted with its data',
    needsRedis: true,
    // With ioredis' defaults, the delay between two retries is then 1.6 s and 6.4 s, without jitter; at most 5 s.
    lastsMs: { quick: 2_200, full: 8_000 },
    watchMs: { quick: 2_800, full: 6_000 },
    returnMs: 300,
    prepare: toRedis((faults) => faults.save()),
    inflict: toRedis((faults) => faults.kill()),
    restore: toRedis((faults) => faults.restart('with-data')),
  },
  {
    name: 'redis-gone-briefly',
    title: 'Redis killed and immediately restarted with its data',
    needsRedis: true,
    lastsMs: { quick: 400, full: 400 },
    watchMs: { quick: 1_600, full: 2_000 },
    returnMs: 300,
    prepare: toRedis((faults) => faults.save()),
    inflict: toRedis((faults) => faults.kill()),
    restore: toRedis((faults) => faults.restart('with-data')),
  },
  {
    name: 'companion-frozen',
    title: 'Authorization server or database frozen',
    needsRedis: false,
    ofCompanion: true,
    lastsMs: { quick: 2_600, full: 10_000 },
    watchMs: { quick: 1_600, full: 4_000 },
    returnMs: 0,
    inflict: toCompanion((faults) => faults.freeze()),
    restore: toCompanion((faults) => faults.thaw()),
  },
  {
    name: 'companion-restarted-empty',
    title: 'Authorization server or database killed and restarted empty',
    needsRedis: false,
    ofCompanion: true,
    lastsMs: { quick: 2_200, full: 4_000 },
    watchMs: { quick: 2_800, full: 4_000 },
    returnMs: 2_000,
    inflict: toCompanion((faults) => faults.kill()),
    restore: toCompanion((faults) => faults.restart()),
  },
  {
    name: 'replica-killed',
    title: 'One replica killed and replaced',
    needsRedis: false,
    lastsMs: { quick: 500, full: 1_000 },
    watchMs: { quick: 1_000, full: 3_000 },
    returnMs: 4_000,
    // Stopping a replica kills it immediately, and its exit is expected.
    inflict: async (fleet) => fleet.replicas[victimOf(fleet)]?.stop(),
    restore: (fleet) => fleet.replaceReplica(victimOf(fleet)),
  },
  {
    name: 'redis-killed',
    title: 'Redis killed, and not replaced',
    needsRedis: true,
    lastsMs: { quick: 2_600, full: 12_000 },
    watchMs: { quick: 0, full: 0 },
    returnMs: 0,
    inflict: toRedis((faults) => faults.kill()),
    restore: null,
  },
  {
    name: 'companion-killed',
    title: 'Authorization server or database killed, and not replaced',
    needsRedis: false,
    ofCompanion: true,
    lastsMs: { quick: 2_600, full: 12_000 },
    watchMs: { quick: 0, full: 0 },
    returnMs: 0,
    inflict: toCompanion((faults) => faults.kill()),
    restore: null,
  },
];
