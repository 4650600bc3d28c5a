/** The times at which requests are due: fixed before the first is sent, whatever the server does (an open model). */
import type { Random } from '../../../core/stats/random.ts';

export interface Arrival {
  /** Index among the arrivals of all shards. */
  readonly index: number;
  /** Microseconds after the start of the schedule. */
  readonly atMicros: number;
}

export interface ScheduleOptions {
  readonly ratePerSecond: number;
  readonly totalMs: number;
  readonly arrivals: 'uniform' | 'poisson';
  /** Used for Poisson arrivals; every shard needs the same stream. */
  readonly random: Pick<Random, 'exponential'>;
  /** This shard takes the arrivals `i ≡ shard (mod shards)`. */
  readonly shard: number;
  readonly shards: number;
}

/** Returns one arrival after another; null when the time is over. */
export function createSchedule(options: ScheduleOptions): () => Arrival | null {
  return options.arrivals === 'uniform' ? uniform(options) : poisson(options);
}

/** Computed from the index rather than summed up, so that it does not drift. */
function uniform({ ratePerSecond, totalMs, shard, shards }: ScheduleOptions): () => Arrival | null {
  const total = Math.round((ratePerSecond * totalMs) / 1000);
  let index = shard;
  return () => {
    if (index >= total) return null;
    const arrival = { index, atMicros: (index * 1e6) / ratePerSecond };
    index += shards;
    return arrival;
  };
}

/** Each shard draws the whole stream and takes its part, so the shards together form one Poisson process. */
function poisson({ ratePerSecond, totalMs, random, shard, shards }: ScheduleOptions): () => Arrival | null {
  const meanMicros = 1e6 / ratePerSecond;
  let index = -1;
  let atMicros = 0;
  return () => {
    do {
      index++;
      atMicros += meanMicros * random.exponential();
    } while (index % shards !== shard);
    return atMicros < totalMs * 1000 ? { index, atMicros } : null;
  };
}
