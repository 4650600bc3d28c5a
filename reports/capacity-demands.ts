/** What one request and one live session cost each arm, from a run's figures: what the model of capacity starts from. Pure. */
import type { ArmDemands, Range } from '../bench/model/capacity.ts';
import type { Figure } from '../bench/results/schema.ts';
import { AA_ARM, type ArmFigure, factorNumber, figuresOf, tollFigures } from './figures.ts';
import { ofSeries } from './scale-figures.ts';
import type { ArmView, ReportView } from './view.ts';

export interface ArmCosts {
  readonly arm: ArmView;
  readonly demands: ArmDemands;
  /** `toll`: on whole cores. `scale`: on shares of a core, where a request costs more; the best there is without the toll. */
  readonly from: 'toll' | 'scale';
}

const NOTHING: Range = { value: 0, low: 0, high: 0 };

/** No cost is below nothing, whatever its interval says. */
function rangeOf({ value, low, high }: Figure): Range {
  return { value, low: Math.max(0, low), high };
}

function sum(a: Figure | undefined, b: Figure | undefined): Range | null {
  return a === undefined || b === undefined
    ? null
    : { value: a.value + b.value, low: a.low + b.low, high: a.high + b.high };
}

/** Of the kind of state that an arm keeps for each session, at the largest number that was stored. */
function sessionBytes({ run }: ReportView, { name, serverState }: ArmView): Range | null {
  // What an arm keeps in the replicas' own memory is none of Redis's.
  if (serverState !== 'redis') return NOTHING;
  const kind = name === 'jwt-refresh' ? 'refresh-family' : name === 'jwt-denylist' ? 'denylist' : 'session';
  // A denylist holds what was revoked, and not what lives.
  if (kind === 'denylist') return NOTHING;
  const stored = figuresOf(run, 'store', 'bytes_per_session')
    .filter((figure) => figure.factors.kind === kind && figure.factors.method === undefined)
    .sort((a, b) => (factorNumber(b, 'sessions') ?? 0) - (factorNumber(a, 'sessions') ?? 0));
  const own = stored.find((figure) => figure.arm === name) ?? stored[0];
  return own === undefined ? null : rangeOf(own);
}

export function armCosts(view: ReportView): ArmCosts[] {
  const { run } = view;
  const toll = (metric: 'cpu_us_per_request' | 'redis_cpu_us_per_request' | 'request_bytes' | 'response_bytes') => {
    const figures = tollFigures(run, metric);
    return (arm: string) => figures.find((figure) => figure.arm === arm);
  };
  const [cpu, redis] = [toll('cpu_us_per_request'), toll('redis_cpu_us_per_request')];
  const [bytesIn, bytesOut] = [toll('request_bytes'), toll('response_bytes')];
  return view.arms.flatMap((arm) => {
    if (arm.name === AA_ARM) return [];
    const smallest = (metric: 'cpu_us_per_request' | 'redis_cpu_us_per_request'): ArmFigure | undefined =>
      ofSeries(run, metric, { arm: arm.name, setting: {} })[0];
    const measured = cpu(arm.name);
    const replica = measured ?? smallest('cpu_us_per_request');
    if (replica === undefined || !(replica.value > 0)) return [];
    const redisCpu = measured === undefined ? smallest('redis_cpu_us_per_request') : redis(arm.name);
    return [
      {
        arm,
        from: measured === undefined ? ('scale' as const) : ('toll' as const),
        demands: {
          replicaCpuUs: rangeOf(replica),
          redisCpuUs: redisCpu === undefined ? NOTHING : rangeOf(redisCpu),
          wireBytes: sum(bytesIn(arm.name), bytesOut(arm.name)),
          sessionBytes: sessionBytes(view, arm),
        },
      },
    ];
  });
}

/** The token arm that needs least CPU time, against which sessions are set; null where there is none. */
export function cheapestToken(costs: readonly ArmCosts[]): ArmCosts | null {
  const total = ({ demands }: ArmCosts) => demands.replicaCpuUs.value + demands.redisCpuUs.value;
  return costs.filter(({ arm }) => arm.family === 'token').toSorted((a, b) => total(a) - total(b))[0] ?? null;
}
