/** Warms up the targets of an experiment, and says of its slices how warm they were. */
import type { Flag } from '../../core/results/flags.ts';
import type { LoadOptions, Warmed } from '../load/protocol.ts';
import { OPTIMISED_REQUESTS } from '../processes/optimised.ts';
import type { NewSlice } from './slices.ts';

/** Of the requests after which V8 has optimised a route, how many times as many before a replica is given up as not warm. */
const MOST_TIMES = 2.5;

/** A load generator, as a rule. */
export interface WarmUpGenerator {
  ask(operation: 'warmUp', options: LoadOptions<'warmUp'>): Promise<Warmed[]>;
}

export interface WarmUpOptions {
  /** For all targets together; it ends sooner when all are warm. */
  readonly timeoutMs: number;
  /** Whether V8 has its default flags. */
  readonly optimised?: keyof typeof OPTIMISED_REQUESTS;
  /** The open targets; all of them where left out. */
  readonly keys?: readonly string[];
  /** Gets a line for each target whose warm-up broke off. */
  readonly note?: (text: string) => void;
}

/** How warm the targets of one fresh start are. */
export class WarmUps {
  readonly #warmed: ReadonlyMap<string, Warmed>;

  constructor(warmed: readonly Warmed[] = []) {
    this.#warmed = new Map(warmed.map((one) => [one.key, one]));
  }

  /** What slices of a target carry; nothing for one that was not warmed up. */
  flags(key: string): Flag[] {
    const warmed = this.#warmed.get(key);
    return warmed === undefined ? [] : warmUpFlags(warmed);
  }

  /** @param key of the target that the slice was measured on */
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

/** Validity of what is measured after a warm-up. Pure. */
export function warmUpFlags({ isWarm, helperShare }: Pick<Warmed, 'isWarm' | 'helperShare'>): Flag[] {
  if (!isWarm) return ['not-warm'];
  return helperShare === null ? ['warm-up-unchecked'] : [];
}

/**
 * Warms up open targets. One that does not get warm in time, or answers what it must not, is flagged, and the run goes on.
 * @throws TollgateError where a replica or the generator dies
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
