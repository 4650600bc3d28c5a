/** What one request and one live session cost an arm, from a run's figures: the input of the capacity model. Pure. */

import type { ArmSummary } from '../results/arms.ts';
import type { Metric } from '../results/metrics.ts';
import type { Figure } from '../results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../results/standard-load.ts';
import type { Interval } from '../stats/interval.ts';
import type { ArmDemands } from './capacity.ts';
import { ownRedisCpu } from './redis-use.ts';

export interface MeasuredDemands {
  readonly demands: ArmDemands;
  /** `toll`: on whole cores. `scale`: on shares of a core, where a request costs more; used if the run has no toll. */
  readonly from: 'toll' | 'scale';
  /** The figure of the replica's cost; its factors select the others. */
  readonly source: Figure;
  /** The figures behind each demand: their flags apply to everything derived from them. */
  readonly figures: Readonly<Record<keyof ArmDemands, readonly Figure[]>>;
}

const NOTHING: Interval = { value: 0, low: 0, high: 0 };

/** A cost is never negative, whatever its interval says. */
function rangeOf({ value, low, high }: Figure): Interval {
  return { value, low: Math.max(0, low), high };
}

function sum(a: Interval | undefined, b: Interval | undefined): Interval | null {
  return a === undefined || b === undefined
    ? null
    : { value: a.value + b.value, low: a.low + b.low, high: a.high + b.high };
}

function levelOf({ factors }: Figure, name: string): number {
  return typeof factors[name] === 'number' ? factors[name] : 0;
}

/** The figure at the headline load: the one without factors, otherwise at 10 in flight, otherwise the first. */
export function headlineOf<F extends Figure>(figures: readonly F[]): F | undefined {
  const plain = figures.find(({ factors }) => Object.keys(factors).length === 0);
  return plain ?? figures.find(({ factors }) => factors.in_flight === STANDARD_IN_FLIGHT) ?? figures[0];
}

/** The kind of state that an arm keeps in Redis for each session; undefined if it keeps none. */
function storedKind(arm: Arm): string | undefined {
  // State in the replicas' own memory is not in Redis, and a denylist stores revoked tokens, not live ones.
  return arm.serverState === 'redis' ? arm.stores.find((stored) => stored !== 'denylist') : undefined;
}

/** Bytes of one session of this kind, at the largest number of sessions stored. */
function sessionBytes(figures: readonly Figure[], arm: Arm, kind: string): Figure | undefined {
  const stored = figures
    .filter(({ experiment, metric }) => experiment === 'store' && metric === 'bytes_per_session')
    .filter(({ factors }) => factors.kind === kind && factors.method === undefined)
    .sort((a, b) => levelOf(b, 'sessions') - levelOf(a, 'sessions'));
  return stored.find((figure) => figure.arm === arm.name) ?? stored[0];
}

type Arm = Pick<ArmSummary, 'name' | 'serverState' | 'stores'>;

/** @returns null if the run did not measure the cost of a request */
export function demandsOf(figures: readonly Figure[], arm: Arm): MeasuredDemands | null {
  const own = figures.filter((figure) => figure.arm === arm.name);
  const toll = (metric: Metric) =>
    headlineOf(own.filter((figure) => figure.experiment === 'toll' && figure.metric === metric));
  /** The figure with the fewest replicas, among those without other factors. */
  const smallest = (metric: Metric) =>
    own
      .filter((figure) => figure.experiment === 'scale' && figure.metric === metric)
      .filter((figure) => Object.keys(figure.factors).length === 1 && levelOf(figure, 'replicas') > 0)
      .sort((a, b) => levelOf(a, 'replicas') - levelOf(b, 'replicas'))[0];
  const measured = toll('cpu_us_per_request');
  const source = measured ?? smallest('cpu_us_per_request');
  if (source === undefined || !(source.value > 0)) return null;
  const companionCpu = (measured === undefined ? smallest : toll)('companion_cpu_us_per_request');
  const redisCpu = (measured === undefined ? smallest : toll)('redis_cpu_us_per_request');
  const [request, response] = [toll('request_bytes'), toll('response_bytes')];
  const kind = storedKind(arm);
  const stored = kind === undefined ? undefined : sessionBytes(figures, arm, kind);
  const known = (...found: readonly (Figure | undefined)[]) => found.filter((figure) => figure !== undefined);
  return {
    source,
    from: measured === undefined ? 'scale' : 'toll',
    demands: {
      // Companion processes need cores, as replicas do.
      replicaCpuUs:
        sum(rangeOf(source), companionCpu === undefined ? NOTHING : rangeOf(companionCpu)) ?? rangeOf(source),
      redisCpuUs: ownRedisCpu(redisCpu ?? null, toll('redis_commands_per_request') ?? null),
      wireBytes: sum(request, response),
      sessionBytes: kind === undefined ? NOTHING : stored === undefined ? null : rangeOf(stored),
    },
    figures: {
      replicaCpuUs: known(source, companionCpu),
      redisCpuUs: known(redisCpu),
      wireBytes: known(request, response),
      sessionBytes: known(stored),
    },
  };
}

/** The arm that needs the least CPU time, replica and Redis together; null if there is none. */
export function cheapestOf<T extends Pick<MeasuredDemands, 'demands'>>(costs: readonly T[]): T | null {
  const total = ({ demands }: T) => demands.replicaCpuUs.value + demands.redisCpuUs.value;
  return costs.toSorted((a, b) => total(a) - total(b))[0] ?? null;
}
