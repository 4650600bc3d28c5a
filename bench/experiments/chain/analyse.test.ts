import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { armInfo } from '../../testing/arm-info.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseChain, bendOf } from './analyse.ts';
import { chainsOf, checksOf, placesOf } from './plan.ts';
import { roundsOf } from './rounds.ts';

const REQUESTS = 100;

/** CPU time and latency of a request without authentication, µs. */
const plain = (hops: number) => 50 * hops;
/** The cost of checks at a number of hops, µs. */
const TOLLS: Readonly<Record<string, (hops: number) => number>> = {
  edge: (hops) => 20 + (hops > 1 ? 4 : 0) + 3 * (hops - 1),
  'every-hop': (hops) => 20 * hops,
};

interface Made {
  /** How slow the machine is in each block of a fork. */
  readonly pace: number;
  readonly fork: number;
  readonly round: number;
}

function made({ pace, fork, round }: Made): Slice[] {
  return [1, 2, 3].flatMap((hops) =>
    [10, 1].flatMap((inFlight) => {
      const block = 6 * round + 2 * hops + (inFlight === 1 ? 1 : 0);
      const one = (arm: string, us: number, more: Slice['factors'] = {}) =>
        testSlice({
          experiment: 'chain',
          arm,
          fork,
          block,
          factors: { ...more, hops, in_flight: inFlight },
          requests: REQUESTS,
          durationMs: (2 * us * pace * REQUESTS) / 1000,
          measures: {
            replica_cpu_ns: 0.75 * us * 1000 * REQUESTS * pace,
            redis_cpu_ns: 0.25 * us * 1000 * REQUESTS * pace,
          },
        });
      return [
        one('none', plain(hops)),
        ...Object.entries(TOLLS).map(([checks, toll]) => one('jwt-hs256', plain(hops) + toll(hops), { checks })),
      ];
    }),
  );
}

const slices = (pace: (fork: number, round: number) => number = () => 1) =>
  [0, 1, 2].flatMap((fork) => [0, 1].flatMap((round) => made({ pace: pace(fork, round), fork, round })));

function one(figures: readonly Figure[], metric: string, factors: Figure['factors']): Figure {
  const found = figures.filter(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  );
  expect(found, `${metric} ${JSON.stringify(factors)}`).toHaveLength(1);
  return found[0] ?? expect.fail();
}

describe('a chain', () => {
  const figures = analyseChain(slices(), testContext);

  it('costs the CPU time of all its processes, beyond the same chain without authentication', () => {
    expect(one(figures, 'chain_cpu_us', { checks: 'every-hop', hops: 3 }).value).toBeCloseTo(210, 9);
    expect(one(figures, 'chain_toll_us', { checks: 'every-hop', hops: 3 }).value).toBeCloseTo(60, 9);
    expect(one(figures, 'chain_toll_us', { checks: 'edge', hops: 1 }).value).toBeCloseTo(20, 9);
    expect(one(figures, 'chain_ratio', { checks: 'every-hop', hops: 2 }).value).toBeCloseTo(1.4, 9);
    expect(figures.filter(({ arm }) => arm === 'none').map(({ metric }) => metric)).toEqual(
      [1, 2, 3].flatMap(() => ['chain_cpu_us', 'chain_latency_us']),
    );
  });

  it('takes the latency from single requests', () => {
    expect(one(figures, 'chain_latency_us', { checks: 'every-hop', hops: 3 }).value).toBeCloseTo(420, 9);
    expect(one(figures, 'chain_latency_toll_us', { checks: 'every-hop', hops: 3 }).value).toBeCloseTo(120, 9);
  });

  it('grows by its slope, and is extrapolated as a line', () => {
    const slope = one(figures, 'chain_toll_per_hop_us', { checks: 'every-hop' });
    expect(slope).toMatchObject({ source: 'measured', forks: 3, blocks: 6 });
    expect([slope.low, slope.value, slope.high].map((us) => Math.round(us * 1e6) / 1e6)).toEqual([20, 20, 20]);
    const far = one(figures, 'model_chain_toll_us', { checks: 'every-hop', hops: 10 });
    expect(far).toMatchObject({ source: 'model', factors: { model: 'line' } });
    expect(far.value).toBeCloseTo(200, 6);
  });

  it('detects non-linear growth: the edge signs once, and only if there is another hop', () => {
    expect(one(figures, 'chain_toll_bend_us', { checks: 'every-hop' }).value).toBeCloseTo(0, 6);
    expect(one(figures, 'chain_toll_bend_us', { checks: 'edge' }).value).toBeCloseTo(-4, 6);
    expect(
      bendOf(
        new Map([
          [1, 5],
          [2, 9],
        ]),
      ),
    ).toBeNull();
  });

  it('has an interval as wide as its starts differ', () => {
    const uneven = analyseChain(
      slices((fork, round) => 1 + fork / 4 + round / 10),
      testContext,
    );
    const slope = one(uneven, 'chain_toll_per_hop_us', { checks: 'every-hop' });
    // The mean pace is 1.3.
    expect(slope.value).toBeCloseTo(26, 6);
    expect(slope.low).toBeLessThan(23);
    expect(slope.high).toBeGreaterThan(29);
    expect(one(uneven, 'chain_ratio', { checks: 'every-hop', hops: 3 }).high).toBeCloseTo(1.4, 9);
  });

  it('has no toll without the baseline, and omits rounds that lack a number of hops', () => {
    const guarded = slices().filter(({ arm }) => arm !== 'none');
    const metrics = new Set(analyseChain(guarded, testContext).map(({ metric }) => metric));
    expect(metrics).toEqual(new Set(['chain_cpu_us', 'chain_difference_per_hop_us', 'chain_latency_us']));
    const busy = slices().filter(({ factors }) => factors.in_flight === 10);
    const own = busy.filter(({ factors }) => factors.checks === 'edge');
    const short = own.filter(({ block, factors }) => block < 8 || factors.hops !== 3);
    const others = busy.filter(({ arm }) => arm === 'none');
    expect(roundsOf(short, others).map((fork) => fork.length)).toEqual([1, 1, 1]);
  });
});

it('compares only blocks of the same round if one lacks a measure', () => {
  // The second round is ten times as slow as the first.
  const busy = slices((_, round) => (round === 0 ? 1 : 10)).filter(({ factors }) => factors.in_flight === 10);
  const others = busy.filter(({ arm }) => arm === 'none');
  const own = busy
    .filter(({ factors }) => factors.checks === 'every-hop')
    .map((slice): Slice => {
      const isDamaged = slice.factors.hops === 2 && slice.block < 6;
      return isDamaged ? { ...slice, measures: {} } : slice;
    });
  for (const fork of roundsOf(own, others)) {
    expect(fork.map((round) => [...round].map(([hops, toll]) => [hops, Math.round(toll)]))).toEqual([
      [
        [1, 200],
        [2, 400],
        [3, 600],
      ],
    ]);
  }
});

it('keeps its latency even if the CPU time of its store is unknown', () => {
  const unknown = slices().map((slice): Slice => {
    const { redis_cpu_ns: _redis, ...measures } = slice.measures;
    return slice.arm === 'none' ? slice : { ...slice, measures };
  });
  const figures = analyseChain(unknown, testContext).filter(({ arm }) => arm !== 'none');
  expect(new Set(figures.map(({ metric }) => metric))).toEqual(new Set(['chain_latency_us', 'chain_latency_toll_us']));
});

describe('the chains of an arm', () => {
  it('are those in which its checks make sense', () => {
    expect(placesOf({ baseline: true, serverState: 'none' })).toEqual(['every-hop']);
    expect(placesOf({ baseline: false, serverState: 'none' })).toEqual(['edge', 'every-hop']);
    expect(placesOf({ baseline: false, serverState: 'redis', senderConstrained: true })).toEqual(['edge']);
    expect(placesOf({ baseline: false, serverState: 'issuer' })).toEqual(['edge', 'every-hop']);
    expect(placesOf({ baseline: false, serverState: 'issuer', hasEdge: true })).toEqual(['every-hop']);
    expect(placesOf({ baseline: false, serverState: 'database' })).toEqual(['edge', 'every-hop', 'auth-service']);
    expect([1, 2, 3].map((hops) => checksOf('edge', hops))).toEqual([1, 1, 1]);
    expect([1, 2, 3].map((hops) => checksOf('auth-service', hops))).toEqual([1, 2, 3]);
  });

  it('have distinct keys, and exclude credentials that only one replica accepts', () => {
    const arms = [armInfo('none', { baseline: true }), armInfo('a'), armInfo('own', { needsStickyRouting: true })];
    expect(chainsOf(arms).map(({ spec, factors }) => [spec.key, spec.replicas, factors])).toEqual([
      ['none', 3, {}],
      ['a edge', 3, { checks: 'edge' }],
      ['a every-hop', 3, { checks: 'every-hop' }],
      ['a auth-service', 4, { checks: 'auth-service' }],
    ]);
  });
});
