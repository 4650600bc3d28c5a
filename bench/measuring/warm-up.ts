/** Warms up the targets of an experiment, and records how warm they were. */
import type { Flag } from '../../core/results/flags.ts';
import type { LoadOptions } from '../load/protocol.ts';
import type { Warmed } from '../load/replies.ts';
import { stretchOfTree, type TreeCpu, threadCpuOfTree } from '../processes/threads/thread-cpu.ts';
import { OPTIMISED_REQUESTS } from '../processes/v8-flags.ts';
import { type Stretch, warmthOf } from '../processes/warmth.ts';
import type { NewSlice } from './slices.ts';

/** A replica is given up as not warm after this many times the requests that V8 needs to optimise a route. */
const MOST_TIMES = 2.5;

/** Usually a load generator. */
export interface WarmUpGenerator {
  ask(operation: 'warmUp', options: LoadOptions<'warmUp'>): Promise<Warmed[]>;
}

export interface WarmUpOptions {
  /** For all targets together; it ends sooner when all are warm. */
  readonly timeoutMs: number;
  /** Whether V8 has its default flags. */
  readonly optimised?: keyof typeof OPTIMISED_REQUESTS;
  /** The open targets; default all. */
  readonly keys?: readonly string[];
  /** Receives a line for each target with an aborted warm-up. */
  readonly note?: (text: string) => void;
}

/** How warm the targets of one fresh start are. */
export class WarmUps {
  readonly #warmed: ReadonlyMap<string, Warmed>;

  constructor(warmed: readonly Warmed[] = []) {
    this.#warmed = new Map(warmed.map((one) => [one.key, one]));
  }

  /** Flags and measures for slices of a target; none if it was not warmed up. */
  flags(key: string): Flag[] {
    const warmed = this.#warmed.get(key);
    return warmed === undefined ? [] : warmUpFlags(warmed);
  }

  /** @param key of the slice's target */
  onto<S extends Pick<NewSlice, 'flags' | 'measures'>>(slice: S, key: string): S {
    const warmed = this.#warmed.get(key);
    if (warmed === undefined) return slice;
    return {
      ...slice,
      measures: { ...slice.measures, warm_up_requests: warmed.requests },
      flags: [...new Set([...slice.flags, ...warmUpFlags(warmed)])],
    };
  }
}

/** Observes fleets while another kind of load warms them up: each stretch of it is equal work. */
export class WarmUpWatch {
  readonly #replicas: readonly WatchedReplica[];

  constructor(fleets: readonly WatchedFleet[]) {
    this.#replicas = fleets.flatMap(({ spec, replicas }) =>
      replicas.map(({ pid }) => ({ key: spec.key, pid, stretches: [], last: threadCpuOfTree(pid) })),
    );
  }

  /** Marks the end of a stretch. */
  mark(): void {
    for (const replica of this.#replicas) {
      const { pid, last, stretches } = replica;
      const now = threadCpuOfTree(pid);
      if (now !== null && last !== null) stretches.push(stretchOfTree(last, now));
      replica.last = now;
    }
  }

  /** Also true if the threads of no replica can be read: then there is nothing to wait for. */
  get isWarm(): boolean {
    return this.#replicas.every(({ last, stretches }) => last === null || warmthOf(stretches).isWarm);
  }

  /** @param requests that each replica has answered */
  warmUps(requests: number): WarmUps {
    const each = this.#replicas.map(({ key, last, stretches }): Warmed => {
      const { isWarm, helperShare } = warmthOf(stretches);
      const known = { isWarm, helperShare, cpuUsPerRequest: null };
      const unknown = { isWarm: true, helperShare: null, cpuUsPerRequest: null };
      return { key, requests, fault: null, ...(last === null ? unknown : known) };
    });
    // The coldest replica represents a fleet.
    return new WarmUps(each.toSorted((a, b) => Number(b.isWarm) - Number(a.isWarm)));
  }
}

interface WatchedFleet {
  readonly spec: { readonly key: string };
  readonly replicas: readonly { readonly pid: number }[];
}

interface WatchedReplica {
  readonly key: string;
  readonly pid: number;
  readonly stretches: Stretch[];
  last: TreeCpu | null;
}

/** Flags of slices that follow a warm-up. Pure. */
export function warmUpFlags({ isWarm, helperShare }: Pick<Warmed, 'isWarm' | 'helperShare'>): Flag[] {
  if (!isWarm) return ['not-warm'];
  return helperShare === null ? ['warm-up-unchecked'] : [];
}

/**
 * Warms up open targets. One that does not become warm in time, or gives unexpected responses, is flagged, and the
 * run continues. @throws TollgateError if a replica or the generator dies
 */
export async function warmUp(generator: WarmUpGenerator, options: WarmUpOptions): Promise<WarmUps> {
  const { timeoutMs, optimised = 'byDefault', keys = null, note } = options;
  const atLeast = OPTIMISED_REQUESTS[optimised];
  const atMost = Math.round(MOST_TIMES * atLeast);
  const warmed = await generator.ask('warmUp', { keys, timeoutMs, atLeast, atMost });
  for (const { key, fault } of warmed) {
    if (fault !== null) note?.(`the warm-up of ${key} ended early: ${fault}`);
  }
  return new WarmUps(warmed);
}
