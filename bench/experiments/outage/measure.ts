/**
 * Measures outages: a steady open load on every arm, during which each fault is injected and, if possible, repaired.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { thenEnding } from '../../../core/errors.ts';
import type { Flag } from '../../../core/results/flags.ts';
import { CLIENT_DEADLINE_MS } from '../../../core/results/outage.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { TimelineClient } from '../../load/timeline/client.ts';
import type { StreamRecord } from '../../load/timeline/protocol.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { runForks } from '../../measuring/run-forks.ts';
import type { Position } from '../../measuring/slices.ts';
import { befalls, canSuffer, FAULTS, type FaultKind, faultNameFor, isOfStore } from './faults.ts';
import {
  boundedOf,
  durationMs,
  FAULTS_LEFT_OUT,
  OUTAGE_PLANS,
  specOf,
  type Variant,
  variantsOf,
  WARM_UP_MS,
} from './plan.ts';
import { expectedOutcomes, ROUTES_WATCHED, type Route, streamKey, streamsOf } from './streams.ts';
import { answersDuring, type Fault, measuresOf, requestsOf, timelineOf } from './timeline.ts';

export async function measureOutage(context: ExperimentContext): Promise<StoppedBy> {
  const { config, note } = context;
  const arms = context.arms.filter(({ twinOf }) => twinOf === undefined);
  const variants = variantsOf(arms);
  for (const { name } of arms.filter((arm) => boundedOf(arm) !== null))
    note(`outage: cached data of ${name} is valid for 1 s, so that it expires within each fault`);
  let skipped: readonly FaultKind[] = [];
  const plan = { ...OUTAGE_PLANS[config.profile], specs: variants.map(specOf) };
  const stoppedBy = await runForks(context, plan, async (running, _time, index) => {
    skipped = await new OutageFork(context, running, variants).measure(faultsFor(context, running));
    if (index === 0 && skipped.length > 0 && !context.signal.aborted)
      note(`outage: not measured because of the budget: ${skipped.map(({ name }) => name).join(', ')}; raise --budget`);
  });
  return stoppedBy === 'plan' && skipped.length > 0 ? 'budget' : stoppedBy;
}

/** Every fault that affects an arm of the run; if Redis must not be broken, only those that do not affect it. */
function faultsFor({ note }: ExperimentContext, { fleets }: RunningFork): readonly FaultKind[] {
  const possible = FAULTS.filter((fault) => fleets.some(({ spec }) => befalls(fault, spec.arm)));
  for (const { spec, foreign } of fleets)
    if (foreign?.store === null)
      note(
        `outage: the stores of ${spec.key} are not disturbed, because Tollgate did not start them: set stores.redis to "provided", or use start`,
      );
  const own = fleets.filter(({ foreign }) => foreign === undefined);
  if (own.every(({ redis }) => redis === null || redis.faults !== undefined)) return possible;
  note(FAULTS_LEFT_OUT);
  return possible.filter(({ needsRedis }) => !needsRedis);
}

interface Watched {
  readonly variant: Variant;
  readonly fleet: Fleet;
}

/** The observations of one route of one variant around one fault. */
interface WatchedStream {
  readonly variant: Variant;
  readonly fleet: Fleet;
  readonly fault: FaultKind;
  readonly route: Route;
  readonly position: Position;
  readonly record: StreamRecord;
  readonly times: Fault;
}

class OutageFork {
  readonly #context: ExperimentContext;
  readonly #fork: number;
  readonly #watched: readonly Watched[];
  readonly #load = new TimelineClient();

  constructor(context: ExperimentContext, { fork, fleets }: RunningFork, variants: readonly Variant[]) {
    this.#context = context;
    this.#fork = fork;
    this.#watched = variants.flatMap((variant) => {
      const fleet = fleets.find(({ spec }) => spec.key === variant.key);
      return fleet === undefined ? [] : [{ variant, fleet }];
    });
  }

  /** @returns the faults for which there was no time */
  async measure(faults: readonly FaultKind[]): Promise<readonly FaultKind[]> {
    const { signal, secondsLeft, progress, config } = this.#context;
    const skipped: FaultKind[] = [];
    return thenEnding(
      async () => {
        for (const [block, fault] of faults.entries()) {
          if (signal.aborted) break;
          // The first is always measured: otherwise starting the fleets would be wasted.
          if (block > 0 && secondsLeft() * 1000 < durationMs(fault, config.profile)) {
            skipped.push(fault);
            continue;
          }
          progress({ step: `start ${this.#fork + 1}: ${fault.title}` });
          await this.#watch(fault, block);
        }
        return skipped;
      },
      () => this.#load.stop(),
    );
  }

  async #watch(fault: FaultKind, block: number): Promise<void> {
    const { config, signal, random } = this.#context;
    const { profile } = config;
    const watched = this.#watched.filter(
      ({ variant, fleet }) => befalls(fault, variant.arm) && canSuffer(fleet, fault),
    );
    if (watched.length === 0) return;
    const streams = await Promise.all(
      watched.map(({ fleet }, i) =>
        streamsOf(fleet, `${i}`, random.derive(`outage ${this.#fork} ${fault.name} ${fleet.spec.key}`)),
      ),
    );
    const lasts = fault.lastsMs[profile];
    const longestMs = WARM_UP_MS + durationMs(fault, profile) + 60_000;
    const timeline = await this.#load.start({ streams: streams.flat(), timeoutMs: CLIENT_DEADLINE_MS, longestMs });
    const pause = (ms: number) => sleep(ms, undefined, { signal });
    const each = (act: (fleet: Fleet) => Promise<void>) => Promise.all(watched.map(({ fleet }) => act(fleet)));
    await pause(OUTAGE_PLANS[profile].beforeMs + (block === 0 ? WARM_UP_MS : 0));
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
    for (const [i, { variant, fleet }] of watched.entries()) {
      for (const [order, route] of ROUTES_WATCHED.entries()) {
        const record = records.find(({ key }) => key === streamKey(`${i}`, route));
        if (record === undefined) continue;
        const position = { fork: this.#fork, block, order };
        this.#record({ variant, fleet, fault, route, position, record, times });
        if (fleet.foreign !== undefined && route === 'me')
          this.#context.note(
            `outage: ${fleet.spec.key}, ${faultNameFor(fleet, fault)}: ${answersDuring(record, times)}`,
          );
      }
    }
  }

  #record({ variant, fleet, fault, route, position, record, times }: WatchedStream): void {
    const { arm, factors, isAsDeclared } = variant;
    const requests = requestsOf(record);
    const measures = measuresOf(requests, times);
    const expected = expectedOutcomes(route, arm);
    const before = requests.filter(({ dueMs, waitMs }) => dueMs + waitMs < times.fromMs);
    const unexpected =
      requests.filter(({ outcome }) => outcome === 'other').length +
      before.filter(({ outcome }) => outcome !== 'other' && !expected.includes(outcome ?? 'error')).length;
    const flags: Flag[] = unexpected > 0 ? ['unexpected-responses'] : [];
    const statuses: Record<string, number> = {};
    for (const status of record.status) if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1;
    const last = requests.at(-1)?.dueMs ?? 0;
    this.#context.record({
      ...position,
      arm: arm.name,
      factors: { fault: faultNameFor(fleet, fault), route, ...factors },
      mode: 'open',
      durationMs: last,
      requests: requests.length,
      unexpected,
      // Failures are the subject of an outage measurement, so none is unexpected.
      failed: 0,
      statuses,
      // The declaration is for the arm's own settings; a service makes none.
      measures:
        isAsDeclared && isOfStore(fault, arm) && fleet.foreign === undefined
          ? { ...measures, declared_survives: Number(arm.survivesRedisOutage) }
          : measures,
      timeline: timelineOf(requests, times),
      flags,
    });
  }
}
