/**
 * Measures the Redis memory of one arm's sessions: fills Redis, looks sessions up, lets them expire, and exceeds its
 * memory.
 */

import type { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Measures } from '../../../core/results/measures.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { watcher } from '../../fleet/redis/redis.ts';
import { SettledCpu } from '../../load/settled-cpu.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import type { CpuSpent } from '../../processes/cpu.ts';
import { watchExpiry } from './beside.ts';
import { watchEvictions } from './evict.ts';
import { momentIn, reach } from './moment.ts';
import {
  AROUND_BESIDE_MS,
  AROUND_EVICTION_MS,
  BESIDE,
  type Beside,
  CALM_MS,
  EVICTION_SAMPLES,
  FRESH_SHARE,
  LEAD_MS,
  LEAST_ENDED,
  LIVE_PER_ENDED_WHEN_FULL,
  LONGEST_STORM_MS,
  MOST_WHEN_FULL,
  type StorePlan,
  TIME_PER_SIZE,
} from './plan.ts';
import {
  batchedCpu,
  type Copies,
  expireAt,
  fill,
  lookupOf,
  lookupTimes,
  memoryUsage,
  pacedLookups,
  readMemory,
} from './redis.ts';
import type { Sample } from './sample.ts';
import { filledIn } from './template.ts';

type Client = ReturnType<typeof watcher>;

/** The part of a slice that differs between the slices of an arm. */
interface Recorded extends Pick<Slice, 'mode' | 'requests' | 'durationMs' | 'measures'> {
  readonly sessions: number;
  /** Absent if nothing expires. */
  readonly phase?: 'calm' | 'storm';
  /** For keys that expire among live ones: live keys per expired key, and the effort of Redis. */
  readonly live?: number;
  readonly effort?: number;
  /** For evictions: the number of keys that Redis compares before each. */
  readonly samples?: number;
  readonly times?: LatencyHistogram;
  readonly cpu?: CpuSpent | null;
}

interface ArmStoreOptions {
  readonly context: ExperimentContext;
  readonly plan: StorePlan;
  readonly fork: number;
  readonly fleet: Fleet;
  readonly client: Client;
  readonly sample: Sample;
}

export class ArmStore {
  readonly #context: ExperimentContext;
  readonly #plan: StorePlan;
  readonly #fork: number;
  readonly #fleet: Fleet;
  readonly #client: Client;
  readonly #sample: Sample;
  #block = 0;

  constructor({ context, plan, fork, fleet, client, sample }: ArmStoreOptions) {
    this.#context = context;
    this.#plan = plan;
    this.#fork = fork;
    this.#fleet = fleet;
    this.#client = client;
    this.#sample = sample;
  }

  /** @param until the value of `secondsLeft` at which this arm's time ends */
  async measure(sizes: readonly number[], until: number): Promise<void> {
    const { signal, secondsLeft } = this.#context;
    await this.#client.flushall('SYNC');
    // Loads the script first, because its memory does not belong to the sessions.
    await fill(this.#copies(0, 1));
    await this.#client.flushall('SYNC');
    const empty = await readMemory(this.#client);
    // With the default effort, the first one is watched to the end; most others end sooner.
    const besideMs =
      this.#plan.besideMs + BESIDE.length * AROUND_BESIDE_MS + EVICTION_SAMPLES.length * AROUND_EVICTION_MS;
    let filled = 0;
    let fillMs = 0;
    for (const size of sizes) {
      const expectedMs = filled === 0 ? 0 : (TIME_PER_SIZE * fillMs * size) / filled;
      if (signal.aborted || (filled > 0 && (secondsLeft() - until) * 1000 < expectedMs + besideMs)) break;
      this.#context.progress({ step: `start ${this.#fork + 1}: ${this.#fleet.spec.key}, ${size} sessions` });
      fillMs += await this.#size(size, filled, empty);
      filled = size;
    }
    for (const beside of BESIDE) if (!signal.aborted) await this.#beside(filled, beside);
    for (const samples of EVICTION_SAMPLES) if (!signal.aborted) await this.#evict(filled, samples);
    const storm = Math.min(this.#plan.storm, filled);
    if (storm > 0 && !signal.aborted) await this.#storm(storm);
  }

  #copies(first: number, end: number): Copies {
    const { template } = this.#sample;
    return { client: this.#client, template, first, end, signal: this.#context.signal };
  }

  /** @returns the ms spent filling */
  async #size(size: number, filled: number, empty: Awaited<ReturnType<typeof readMemory>>): Promise<number> {
    const { template, usageBytes } = this.#sample;
    const start = performance.now();
    await fill(this.#copies(filled, size));
    const fillMs = performance.now() - start;
    const full = await readMemory(this.#client);
    const own = template.entries.map(({ key }) => filledIn(template, key, 0));
    this.#record({
      mode: 'fill',
      sessions: size,
      requests: size,
      durationMs: fillMs,
      measures: {
        used_memory_bytes: full.usedBytes - empty.usedBytes,
        rss_bytes: full.rssBytes - empty.rssBytes,
        usage_bytes: usageBytes,
        copy_usage_bytes: await memoryUsage(this.#client, own),
        keys: await this.#client.dbsize(),
      },
    });
    await this.#lookups(size);
    return fillMs;
  }

  async #lookups(size: number): Promise<void> {
    const { template, kind } = this.#sample;
    const { random, signal } = this.#context;
    const own = random.derive(`lookups ${this.#fork} ${this.#fleet.spec.key} ${size}`);
    const next = () => lookupOf(template, kind === 'denylist', size, own);
    if (signal.aborted) return;
    const start = performance.now();
    const times = await lookupTimes(this.#client, next, this.#plan.lookups);
    const durationMs = performance.now() - start;
    const { cpu, commands } = await batchedCpu(this.#client, this.#redisPid, next, this.#plan.batched);
    const measures: Measures = cpu === null ? {} : { redis_cpu_ns: cpu.ns, redis_commands: commands };
    this.#record({ mode: 'lookup', sessions: size, requests: this.#plan.lookups, durationMs, measures, times, cpu });
  }

  get #redisPid(): number | null {
    return this.#fleet.redis?.pid ?? null;
  }

  async #storm(size: number): Promise<void> {
    const cpu = await SettledCpu.open(this.#redisPid);
    try {
      await this.#stormWith(cpu, size);
    } finally {
      cpu.close();
    }
  }

  /** Some sessions expire among live ones, as in a service. @param filled the most sessions of both kinds */
  async #beside(filled: number, { live, effort }: Beside): Promise<void> {
    const sessions = Math.min(this.#plan.storm, Math.floor(filled / (live + 1)));
    if (sessions < LEAST_ENDED) return;
    this.#context.progress({
      step: `start ${this.#fork + 1}: ${this.#fleet.spec.key}, ${sessions} expire next to ${sessions * live}`,
    });
    const wanted = sessions * (live + 1) * this.#sample.template.entries.length;
    const ended = this.#copies(0, sessions);
    await fill(ended);
    if ((await this.#client.dbsize()) !== wanted) {
      await this.#client.flushall('SYNC');
      await fill(this.#copies(0, sessions * (live + 1)));
    }
    const seen = await watchExpiry(ended, effort, this.#plan.besideMs);
    if (!this.#context.signal.aborted) this.#record({ mode: 'lookup', sessions, live, effort, ...seen });
  }

  /**
   * More users log in than fit in memory, while some sessions have expired. @param filled the number of sessions so
   * far
   */
  async #evict(filled: number, samples: number): Promise<void> {
    const sessions = Math.min(MOST_WHEN_FULL, filled);
    const ended = Math.floor(sessions / (LIVE_PER_ENDED_WHEN_FULL + 1));
    if (ended < LEAST_ENDED) return;
    const step = `start ${this.#fork + 1}: ${this.#fleet.spec.key}, ${sessions} in a full Redis, ${samples} samples`;
    this.#context.progress({ step });
    await this.#client.flushall('SYNC');
    const all = sessions + Math.round(FRESH_SHARE * sessions);
    const copies = { ended: this.#copies(0, ended), live: this.#copies(ended, sessions) };
    const seen = await watchEvictions({ ...copies, fresh: this.#copies(sessions, all), samples });
    this.#record({ mode: 'fill', sessions, live: LIVE_PER_ENDED_WHEN_FULL, samples, ...seen });
    await this.#client.flushall('SYNC');
  }

  /** All sessions expire at once; meanwhile a key that remains is looked up. */
  async #stormWith(cpu: SettledCpu, size: number): Promise<void> {
    const { signal } = this.#context;
    const client = this.#client;
    await client.flushall('SYNC');
    const all = this.#copies(0, size);
    await fill(all);
    await client.set('stays', 'x'.repeat(200));
    this.#context.progress({ step: `start ${this.#fork + 1}: ${this.#fleet.spec.key}, ${size} expire at once` });
    const start = performance.now();
    // Counts keys that have expired and are not removed yet, which is what the storm is about.
    await expireAt(all, Date.now() + 10 * 60_000);
    const moment = momentIn(2 * (performance.now() - start) + CALM_MS + LEAD_MS);
    await expireAt(all, moment.atMs);
    await cpu.spent();
    const calmEnds = performance.now() + CALM_MS;
    const calm = await this.#lookUpWhile(cpu, async () => performance.now() < calmEnds);
    this.#record({ mode: 'lookup', sessions: size, phase: 'calm', ...calm });
    await reach(moment);
    const due = moment.dueMs;
    let goneMs: number | null = null;
    const storm = await this.#lookUpWhile(cpu, async () => {
      if ((await client.dbsize()) <= 1) goneMs ??= performance.now() - due;
      return goneMs === null && performance.now() - due < LONGEST_STORM_MS && !signal.aborted;
    });
    const measures: Measures = goneMs === null ? storm.measures : { ...storm.measures, expiry_ms: goneMs };
    this.#record({ mode: 'lookup', sessions: size, phase: 'storm', ...storm, measures });
    await client.flushall('SYNC');
  }

  /** The account settles after the last lookups. It is not read at the start, or the storm would be over. */
  async #lookUpWhile(account: SettledCpu, goesOn: () => Promise<boolean>) {
    const start = performance.now();
    const times = await pacedLookups(this.#client, ['get', 'stays'], goesOn);
    const durationMs = performance.now() - start;
    const cpu = await account.spent();
    const measures: Measures = cpu === null ? {} : { redis_cpu_ns: cpu.ns };
    return { requests: times.count, durationMs, measures, times, cpu };
  }

  #record({
    mode,
    sessions,
    phase,
    live,
    effort,
    samples,
    requests,
    durationMs,
    measures,
    times,
    cpu,
  }: Recorded): void {
    const beside = {
      ...(live !== undefined && { live_per_ended: live }),
      ...(effort !== undefined && { expire_effort: effort }),
      ...(samples !== undefined && { eviction_samples: samples }),
    };
    this.#context.record({
      fork: this.#fork,
      block: this.#block++,
      order: 0,
      arm: this.#fleet.spec.arm.name,
      factors: { kind: this.#sample.kind, sessions, ...(phase && { phase }), ...beside },
      mode,
      durationMs,
      requests,
      unexpected: 0,
      failed: 0,
      statuses: {},
      measures,
      ...(times && { histograms: { lookup: times.encode() } }),
      flags: cpu?.complete === false ? ['cpu-account-incomplete'] : [],
    });
  }
}
