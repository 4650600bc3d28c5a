/** What happens when Redis dies, hangs or returns, and when a replica dies? Seen by clients under a steady open load. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flag } from '../../../core/results/flags.ts';
import type { Factors, StoppedBy } from '../../../core/results/schema.ts';
import type { ArmInfo, ServerSettings } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { TimelineClient } from '../../load/timeline/client.ts';
import type { StreamRecord } from '../../load/timeline/protocol.ts';
import { type ArmPredicate, armsWhere, isPlainOr, isReference, showsTheStore } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile } from '../../measuring/experiment.ts';
import { analyseOutage } from './analyse.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import { expectedOutcomes, ROUTES_WATCHED, type Route, streamKey, streamsOf, TIMEOUT_MS } from './streams.ts';
import { type Fault, measuresOf, requestsOf, timelineOf } from './timeline.ts';

export const OUTAGE = 'outage';

/** Shown with the library's own settings of the Redis client as well. */
const isShownWithDefaults: ArmPredicate = (arm) => isReference(arm) && arm.usesRedis;
/** Shown failing open as well, which has to be asked for. */
const isShownFailingOpen: ArmPredicate = (arm) => isPlainOr(arm) && (arm.stores ?? []).includes('denylist');

const MAX_FORKS: Readonly<Record<Profile, number>> = { quick: 1, full: 3 };
/** Load before each fault, so that there is something to compare with. */
const BEFORE_MS: Readonly<Record<Profile, number>> = { quick: 600, full: 2_000 };
/** The load of the first fault begins so much sooner: the code behind every route runs for the first time. */
const WARM_UP_MS = 800;
/** Logging in and fetching the records, per fault. */
const AROUND_MS = 700;

interface Variant {
  readonly arm: ArmInfo;
  readonly factors: Factors;
  readonly settings: ServerSettings | null;
}

/** Each arm as it is deployed, and two of them with an option that shows best in an outage. */
export function variantsOf(arms: readonly ArmInfo[]): Variant[] {
  return arms.flatMap((arm): Variant[] => {
    const client: Factors = arm.usesRedis ? { redis_client: 'tuned' } : {};
    const denylist: Factors = isShownFailingOpen(arm) ? { denylist: 'fail-closed' } : {};
    const variants: Variant[] = [{ arm, factors: { ...client, ...denylist }, settings: null }];
    if (isShownWithDefaults(arm))
      variants.push({ arm, factors: { redis_client: 'defaults' }, settings: { redisDefaults: true } });
    if (isShownFailingOpen(arm))
      variants.push({ arm, factors: { ...client, denylist: 'fail-open' }, settings: { denylistFailOpen: true } });
    return variants;
  });
}

function keyOf({ arm, factors }: Variant): string {
  return [arm.name, ...Object.values(factors)].join('+');
}

function specOf(variant: Variant): FleetSpec {
  const { arm, settings } = variant;
  return {
    key: keyOf(variant),
    arm,
    replicas: arm.needsStickyRouting ? 1 : 2,
    replicaShare: null,
    redisShare: null,
    users: 0,
    ...(settings === null ? {} : { settings }),
  };
}

/** @returns ms that a fault needs, its load before and after included */
export function durationMs(fault: FaultKind, profile: Profile): number {
  return BEFORE_MS[profile] + fault.lastsMs[profile] + fault.returnMs + fault.watchMs[profile] + AROUND_MS;
}

interface Watched {
  readonly variant: Variant;
  readonly fleet: Fleet;
}

class OutageFork {
  readonly #context: ExperimentContext;
  readonly #fork: number;
  readonly #watched: readonly Watched[];
  readonly #load = new TimelineClient();

  constructor(context: ExperimentContext, fork: number, watched: readonly Watched[]) {
    this.#context = context;
    this.#fork = fork;
    this.#watched = watched;
  }

  /** @returns the faults that no time was left for */
  async run(faults: readonly FaultKind[]): Promise<readonly FaultKind[]> {
    const { signal, secondsLeft, progress, config } = this.#context;
    const skipped: FaultKind[] = [];
    try {
      for (const [block, fault] of faults.entries()) {
        if (signal.aborted) break;
        // The first is always watched: the start of the fleets would be wasted otherwise.
        if (block > 0 && secondsLeft() * 1000 < durationMs(fault, config.profile)) {
          skipped.push(fault);
          continue;
        }
        progress({ step: `fork ${this.#fork + 1}: ${fault.title}` });
        await this.#watch(fault, block);
      }
      return skipped;
    } finally {
      await this.#load.stop();
    }
  }

  async #watch(fault: FaultKind, block: number): Promise<void> {
    const { config, signal, random } = this.#context;
    const { profile } = config;
    const streams = await Promise.all(
      this.#watched.map(({ fleet }, i) =>
        streamsOf(fleet, `${i}`, random.derive(`outage ${this.#fork} ${fault.name} ${fleet.spec.key}`)),
      ),
    );
    const lasts = fault.lastsMs[profile];
    const longestMs = WARM_UP_MS + durationMs(fault, profile) + 60_000;
    const timeline = await this.#load.start({ streams: streams.flat(), timeoutMs: TIMEOUT_MS, longestMs });
    const pause = (ms: number) => sleep(ms, undefined, { signal });
    const each = (act: (fleet: Fleet) => Promise<void>) => Promise.all(this.#watched.map(({ fleet }) => act(fleet)));
    await pause(BEFORE_MS[profile] + (block === 0 ? WARM_UP_MS : 0));
    if (fault.prepare !== undefined) await each(fault.prepare);
    const fromMs = timeline.nowMs();
    await each(fault.inflict);
    await pause(lasts);
    let toMs: number | null = null;
    const awayToMs = timeline.nowMs();
    if (fault.restore !== null) {
      await each(fault.restore);
      toMs = timeline.nowMs();
    }
    const times: Fault = toMs === null ? { fromMs, toMs } : { fromMs, awayToMs, toMs };
    await pause(fault.watchMs[profile]);
    const records = await timeline.finish();
    for (const [i, { variant }] of this.#watched.entries()) {
      for (const [order, route] of ROUTES_WATCHED.entries()) {
        const record = records.find(({ key }) => key === streamKey(`${i}`, route));
        if (record !== undefined) this.#record(variant, fault, route, { block, order }, record, times);
      }
    }
  }

  #record(
    { arm, factors, settings }: Variant,
    { name }: FaultKind,
    route: Route,
    place: { readonly block: number; readonly order: number },
    record: StreamRecord,
    fault: Fault,
  ): void {
    const requests = requestsOf(record);
    const measures = measuresOf(requests, fault);
    const expected = expectedOutcomes(route, arm);
    const before = requests.filter(({ dueMs, waitMs }) => dueMs + waitMs < fault.fromMs);
    const unexpected =
      requests.filter(({ outcome }) => outcome === 'other').length +
      before.filter(({ outcome }) => outcome !== 'other' && !expected.includes(outcome ?? 'error')).length;
    const flags: Flag[] = unexpected > 0 ? ['unexpected-responses'] : [];
    const statusOf = { accepted: '200', refused: '401', forbidden: '403', unavailable: '503' } as const;
    const statuses: Record<string, number> = {};
    for (const [outcome, status] of Object.entries(statusOf)) {
      const count = requests.filter((request) => request.outcome === outcome).length;
      if (count > 0) statuses[status] = count;
    }
    const last = requests.at(-1)?.dueMs ?? 0;
    this.#context.record({
      fork: this.#fork,
      ...place,
      arm: arm.name,
      factors: { fault: name, route, ...factors },
      mode: 'open',
      durationMs: last,
      requests: requests.length,
      unexpected,
      // What fails in an outage is what is measured; nothing failed that should not have.
      failed: 0,
      statuses,
      // The declaration is of the arm with its own settings.
      measures: settings === null ? { ...measures, declared_survives: Number(arm.survivesRedisOutage) } : measures,
      timeline: timelineOf(requests, fault),
      flags,
    });
  }
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const { config, signal, progress, secondsLeft, note } = context;
  const maxForks = MAX_FORKS[config.profile];
  const variants = variantsOf(context.arms);
  // Of an earlier part of the run the last fork was broken off.
  let done = Math.max(0, new Set(context.prior.map(({ fork }) => fork)).size - 1);
  let skipped: readonly FaultKind[] = [];
  for (let fork = context.firstFork; done < maxForks; fork++) {
    const before = secondsLeft();
    progress({ step: `fork ${fork + 1}: starting ${variants.length} fleets` });
    await context.withFork(fork, variants.map(specOf), async ({ fleets }) => {
      const watched = variants.flatMap((variant) => {
        const fleet = fleets.find(({ spec }) => spec.key === keyOf(variant));
        return fleet === undefined ? [] : [{ variant, fleet }];
      });
      const breakable = fleets.every(({ redis }) => redis === null || redis.faults !== undefined);
      if (!breakable) {
        note(
          'outage: only a Redis that Tollgate started can be broken, a single server; unset REDIS_URL, leave out --redis',
        );
      }
      const faults = FAULTS.filter(({ needsRedis }) => breakable || !needsRedis);
      skipped = await new OutageFork(context, fork, watched).run(faults);
    });
    if (signal.aborted) return 'interrupted';
    if (done === 0 && skipped.length > 0) {
      note(`outage: no time was left for ${skipped.map(({ name }) => name).join(', ')}; give more --budget`);
    }
    done++;
    if (done < maxForks && secondsLeft() < before - secondsLeft()) return 'budget';
  }
  return skipped.length > 0 ? 'budget' : 'plan';
}

export const outage: Experiment = {
  name: OUTAGE,
  question: 'What happens when Redis dies, hangs or returns?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 40, full: 240 },
  defaultArms: armsWhere((arm) => arm.baseline || showsTheStore(arm)),
  run,
  analyse: analyseOutage,
};
