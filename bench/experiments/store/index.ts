/** What does state cost? What one login leaves in Redis, multiplied with fresh ids; its bytes, lookups among it, its end. */

import type { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Factors, Slice, StoppedBy } from '../../../core/results/schema.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { watcher } from '../../fleet/redis/redis.ts';
import { type ArmPredicate, armsByProfile, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile } from '../../measuring/experiment.ts';
import { cpuNanos } from '../../processes/cpu.ts';
import { analyseStore } from './analyse.ts';
import { batchedCpu, expireAt, fill, lookupOf, lookupTimes, memoryUsage, pacedLookups, readMemory } from './redis.ts';
import { type Sample, takeSample } from './sample.ts';
import { filledIn, mostCopies } from './template.ts';

export const STORE = 'store';

interface Plan {
  readonly sizes: readonly number[];
  /** The most that are let expire at once. */
  readonly storm: number;
  readonly minForks: number;
  readonly maxForks: number;
  readonly lookups: number;
  readonly batched: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: { sizes: [1e3, 1e4, 1e5], storm: 1e4, minForks: 2, maxForks: 3, lookups: 300, batched: 10_000 },
  full: { sizes: [1e3, 1e4, 1e5, 1e6], storm: 1e5, minForks: 2, maxForks: 8, lookups: 600, batched: 20_000 },
};

const CALM_MS = 300;
/** Between the last key being told to expire and the moment, and the longest that is waited for all to be gone. */
const LEAD_MS = 400;
const LONGEST_STORM_MS = 15_000;
/** A size is begun where the fork has time for this many times what filling so far took, by their ratio: the rest is looking up. */
const TIME_PER_SIZE = 1.4;
/** The first fork gets this part of the time, so that the largest sizes are met at all: bytes differ little by start. */
const FIRST_PART = 0.75;

type Client = ReturnType<typeof watcher>;

interface Place {
  readonly fork: number;
  block: number;
}

class ArmStore {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #fleet: Fleet;
  readonly #client: Client;
  readonly #sample: Sample;
  readonly #place: Place;

  constructor(context: ExperimentContext, plan: Plan, fleet: Fleet, client: Client, sample: Sample, place: Place) {
    this.#context = context;
    this.#plan = plan;
    this.#fleet = fleet;
    this.#client = client;
    this.#sample = sample;
    this.#place = place;
  }

  /** @param until `secondsLeft` at which this arm's time is over */
  async measure(sizes: readonly number[], until: number): Promise<void> {
    const { signal, secondsLeft } = this.#context;
    await this.#client.flushall('SYNC');
    // Loads the script, whose memory is not the sessions'.
    await fill(this.#client, this.#sample.template, { first: 0, end: 1 }, signal);
    await this.#client.flushall('SYNC');
    const empty = await readMemory(this.#client);
    let filled = 0;
    let fillMs = 0;
    for (const size of sizes) {
      const expectedMs = filled === 0 ? 0 : (TIME_PER_SIZE * fillMs * size) / filled;
      if (signal.aborted || (filled > 0 && (secondsLeft() - until) * 1000 < expectedMs)) break;
      this.#context.progress({ step: `fork ${this.#place.fork + 1}: ${this.#fleet.spec.key}, ${size} of them` });
      fillMs += await this.#size(size, filled, empty);
      filled = size;
    }
    const storm = Math.min(this.#plan.storm, filled);
    if (storm > 0 && !signal.aborted) await this.#storm(storm);
  }

  /** @returns ms that filling took */
  async #size(size: number, filled: number, empty: Awaited<ReturnType<typeof readMemory>>): Promise<number> {
    const { template, usageBytes } = this.#sample;
    const start = performance.now();
    await fill(this.#client, template, { first: filled, end: size }, this.#context.signal);
    const fillMs = performance.now() - start;
    const full = await readMemory(this.#client);
    const own = template.entries.map(({ key }) => filledIn(template, key, 0));
    this.#record('count', size, {}, size, fillMs, {
      used_memory_bytes: full.usedBytes - empty.usedBytes,
      rss_bytes: full.rssBytes - empty.rssBytes,
      usage_bytes: usageBytes,
      copy_usage_bytes: await memoryUsage(this.#client, own),
      keys: await this.#client.dbsize(),
    });
    await this.#lookups(size);
    return fillMs;
  }

  async #lookups(size: number): Promise<void> {
    const { template, kind } = this.#sample;
    const { random, signal } = this.#context;
    const own = random.derive(`lookups ${this.#place.fork} ${this.#fleet.spec.key} ${size}`);
    const next = () => lookupOf(template, kind === 'denylist', size, own);
    if (signal.aborted) return;
    const start = performance.now();
    const times = await lookupTimes(this.#client, next, this.#plan.lookups);
    const durationMs = performance.now() - start;
    const pid = this.#fleet.redis?.pid ?? null;
    const cpu = pid === null ? null : await batchedCpu(this.#client, pid, next, this.#plan.batched);
    const measures = cpu === null ? {} : { redis_cpu_ns: cpu.cpuNs, redis_commands: cpu.commands };
    this.#record('micro', size, {}, this.#plan.lookups, durationMs, measures, times);
  }

  /** Everything that is there expires at one moment; a key that stays is looked up meanwhile. */
  async #storm(size: number): Promise<void> {
    const { signal } = this.#context;
    const { template } = this.#sample;
    const client = this.#client;
    await client.flushall('SYNC');
    await fill(client, template, { first: 0, end: size }, signal);
    await client.set('stays', 'x'.repeat(200));
    this.#context.progress({ step: `fork ${this.#place.fork + 1}: ${this.#fleet.spec.key}, ${size} expire at once` });
    const start = performance.now();
    // Counts keys that are due and not removed yet: those are what the storm is about.
    await expireAt(client, template, size, Date.now() + 10 * 60_000, signal);
    const atMs = Date.now() + 2 * (performance.now() - start) + CALM_MS + LEAD_MS;
    await expireAt(client, template, size, Math.round(atMs), signal);
    const calmEnds = performance.now() + CALM_MS;
    await this.#phase('calm', size, async () => performance.now() < calmEnds);
    const waitMs = atMs - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const due = performance.now() - Math.max(0, Date.now() - atMs);
    let goneMs: number | null = null;
    await this.#phase(
      'storm',
      size,
      async () => {
        if ((await client.dbsize()) <= 1) goneMs ??= performance.now() - due;
        return goneMs === null && performance.now() - due < LONGEST_STORM_MS && !signal.aborted;
      },
      () => (goneMs === null ? {} : { expiry_ms: goneMs }),
    );
    await client.flushall('SYNC');
  }

  async #phase(
    phase: 'calm' | 'storm',
    size: number,
    goesOn: () => Promise<boolean>,
    more: () => Record<string, number> = () => ({}),
  ): Promise<void> {
    const pid = this.#fleet.redis?.pid ?? null;
    const before = pid === null ? null : cpuNanos(pid);
    const start = performance.now();
    const times = await pacedLookups(this.#client, ['get', 'stays'], goesOn);
    const durationMs = performance.now() - start;
    const after = pid === null ? null : cpuNanos(pid);
    const cpu = before === null || after === null ? {} : { redis_cpu_ns: after - before };
    this.#record('micro', size, { phase }, times.count, durationMs, { ...cpu, ...more() }, times);
  }

  #record(
    mode: Slice['mode'],
    sessions: number,
    more: Factors,
    requests: number,
    durationMs: number,
    measures: Record<string, number>,
    times?: LatencyHistogram,
  ): void {
    const { fork } = this.#place;
    this.#context.record({
      fork,
      block: this.#place.block++,
      order: 0,
      arm: this.#fleet.spec.arm.name,
      factors: { kind: this.#sample.kind, sessions, ...more },
      mode,
      durationMs,
      requests,
      unexpected: 0,
      failed: 0,
      statuses: {},
      measures,
      ...(times === undefined ? {} : { histograms: { lookup: times.encode() } }),
      flags: [],
    });
  }
}

async function measureFork(
  context: ExperimentContext,
  plan: Plan,
  fork: number,
  fleets: readonly Fleet[],
  sizes: readonly number[],
  seconds: number,
): Promise<void> {
  const end = context.secondsLeft() - seconds;
  for (const [i, fleet] of fleets.entries()) {
    const { redis } = fleet;
    if (context.signal.aborted || redis === null) continue;
    const client = watcher(redis.url);
    try {
      await client.connect();
      const sample = await takeSample(fleet, client);
      if (sample === null) {
        context.note(`store: ${fleet.spec.arm.name} keeps nothing in Redis`);
        continue;
      }
      const most = mostCopies(sample.template);
      const share = (context.secondsLeft() - end) / (fleets.length - i);
      const until = context.secondsLeft() - share;
      const store = new ArmStore(context, plan, fleet, client, sample, { fork, block: 0 });
      await store.measure(
        sizes.filter((size) => size <= most),
        until,
      );
    } catch (error) {
      if (!context.signal.aborted) throw error;
    } finally {
      client.disconnect();
    }
  }
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const sizes = context.config.storeSizes ?? plan.sizes;
  if (!context.ownsRedis) {
    context.note('store: not measured, since the Redis at REDIS_URL is not ours to fill and empty');
    return 'plan';
  }
  if (context.config.redis === 'cluster')
    context.note('store: measured on a single Redis; a cluster adds nothing per key');
  const arms = context.arms.filter((arm: ArmInfo) => arm.usesRedis);
  const specs: FleetSpec[] = arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    cluster: false,
    users: 0,
  }));
  if (specs.length === 0) {
    context.note('store: none of the arms keeps anything in Redis');
    return 'plan';
  }
  context.note('store: every session is of another user, so each has an index entry of its own');
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    const wanted = Math.max(1, plan.minForks - done);
    const part = done === 0 && wanted > 1 ? FIRST_PART : 1 / wanted;
    await context.withFork(fork, specs, ({ fleets }) =>
      measureFork(context, plan, fork, fleets, sizes, context.secondsLeft() - start * (1 - part)),
    );
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    // The first fork was given more, and others take less.
    if (left < (start - left) / 2) return done < plan.minForks ? 'budget' : 'plan';
  }
}

/** The hybrid's sessions are those of the hand-tuned arm. */
/** A combination stores what the arms store that it is made of. */
const storesInRedis: ArmPredicate = ({ serverState, stores = [], family }) =>
  serverState === 'redis' && stores.length > 0 && family !== 'combination';

export const store: Experiment = {
  name: STORE,
  question: 'What does state cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 20, full: 90 },
  defaultArms: armsByProfile({
    quick: armsWhere((arm) => storesInRedis(arm) && isPlainOr(arm)),
    // Written by hand, a session is another record.
    full: armsWhere((arm) => storesInRedis(arm) && isPlainOr(arm, 'hand-tuned')),
  }),
  run,
  analyse: analyseStore,
};
