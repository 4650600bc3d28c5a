import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseChain } from './analyse.ts';
import { breakEvenFigures } from './break-even.ts';

const REQUESTS = 100;
const EDGE = 'exchanged';
const EACH = 'asked';
const context = {
  ...testContext,
  arms: [
    armSummary('none'),
    armSummary(EDGE, { serverState: 'issuer', variant: 'edge' }),
    armSummary(EACH, { serverState: 'issuer' }),
    armSummary('signed', { serverState: 'none' }),
  ],
};

interface Costs {
  /** CPU time of the edge itself, µs. */
  readonly edge: number;
  /** CPU time of a check at each service behind the edge, and at each service that asks, µs. */
  readonly verifying: number;
  readonly asking: number;
}

type Pace = (fork: number, block: number, arm: string) => number;

/** Five forks of four rounds over one, two and three services. */
function measured({ edge, verifying, asking }: Costs, pace: Pace = () => 1): Slice[] {
  const tolls: Readonly<Record<string, (hops: number) => number>> = {
    none: () => 0,
    [EDGE]: (hops) => edge + verifying * hops,
    [EACH]: (hops) => asking * hops,
    signed: (hops) => 5 * hops,
  };
  return [0, 1, 2, 3, 4].flatMap((fork) =>
    [0, 1, 2, 3].flatMap((round) =>
      [1, 2, 3].flatMap((hops) =>
        Object.entries(tolls).map(([arm, toll]) => {
          const block = 3 * round + hops;
          const us = (60 * hops + toll(hops)) * pace(fork, block, arm);
          return testSlice({
            experiment: 'chain',
            arm,
            fork,
            block,
            factors: { ...(arm === 'none' ? {} : { checks: 'every-hop' }), hops, in_flight: 10 },
            requests: REQUESTS,
            measures: { replica_cpu_ns: us * 1000 * REQUESTS, redis_cpu_ns: 0 },
          });
        }),
      ),
    ),
  );
}

const found = (figures: readonly Figure[], metric: string) => figures.filter((figure) => figure.metric === metric);
const breakEven = (costs: Costs, pace?: Pace) =>
  found(analyseChain(measured(costs, pace), context), 'chain_break_even_services');

describe('an edge that exchanges tokens, compared with asking at each service', () => {
  it('breaks even when the savings of the services have paid for it', () => {
    const figures = analyseChain(measured({ edge: 100, verifying: 40, asking: 80 }), context);
    const differences = found(figures, 'chain_difference_us');
    expect(differences.map(({ arm, factors, value }) => [arm, factors, Math.round(value)])).toEqual(
      [1, 2, 3].map((hops) => [EDGE, { against: EACH, checks: 'every-hop', hops }, 100 - 40 * hops]),
    );
    const [only, ...others] = found(figures, 'chain_break_even_services');
    expect(others).toEqual([]);
    expect(only).toMatchObject({ arm: EDGE, source: 'model', unit: 'services', forks: 5, flags: [] });
    expect(only?.factors).toEqual({ against: EACH, checks: 'every-hop', model: 'line' });
    expect(only?.value).toBeCloseTo(2.5, 9);
  });

  it('has the flags of both arms', () => {
    const slices = measured({ edge: 100, verifying: 40, asking: 80 }).map(
      (slice): Slice => (slice.arm === EACH && slice.factors.hops === 2 ? { ...slice, flags: ['not-warm'] } : slice),
    );
    const figures = analyseChain(slices, context);
    expect(found(figures, 'chain_difference_us').map(({ flags }) => flags)).toEqual([[], ['not-warm'], []]);
    expect(found(figures, 'chain_break_even_services').map(({ flags }) => flags)).toEqual([['not-warm']]);
  });

  it('breaks even at the same number on a machine with drift, within its interval', () => {
    const random = createRandom(7);
    // The machine's pace is shared by a block; each chain deviates from it by up to 2 %.
    const paces = new Map<string, number>();
    const pace: Pace = (fork, block) => {
      const key = `${fork} ${block}`;
      const common = paces.get(key) ?? 0.8 + 0.6 * random.random();
      paces.set(key, common);
      return common * (0.98 + 0.04 * random.random());
    };
    const [only] = breakEven({ edge: 100, verifying: 40, asking: 80 }, pace);
    expect(only?.low).toBeLessThan(2.5);
    expect(only?.high).toBeGreaterThan(2.5);
    expect(only?.low).toBeGreaterThan(1.5);
    expect(only?.high).toBeLessThan(4);
  });

  it('pays off from the first service if it costs less than one lookup', () => {
    expect(breakEven({ edge: 30, verifying: 40, asking: 80 })).toMatchObject([{ value: 1, low: 1, high: 1 }]);
  });

  it('has no break-even if a service saves nothing, or too little for ten', () => {
    expect(breakEven({ edge: 100, verifying: 80, asking: 40 })).toEqual([]);
    expect(breakEven({ edge: 500, verifying: 40, asking: 80 })).toEqual([]);
    // 480 µs for 40 µs each is twelve services; 360 µs are nine.
    expect(breakEven({ edge: 360, verifying: 40, asking: 80 })).toMatchObject([{ value: expect.closeTo(9, 6) }]);
  });

  it('has none from a single round, since its error is unknown', () => {
    const all = measured({ edge: 100, verifying: 40, asking: 80 });
    const once = all.filter(({ fork, block }) => fork === 0 && block <= 3);
    const figures = breakEvenFigures(once, context);
    expect(figures.map(({ metric }) => metric)).toEqual(Array(3).fill('chain_difference_us'));
    const twice = all.filter(({ fork, block }) => fork === 0 && block <= 6);
    expect(found(breakEvenFigures(twice, context), 'chain_break_even_services')).toHaveLength(1);
  });

  it('has none if noise alone could explain it', () => {
    const random = createRandom(3);
    const noisy: Pace = (_fork, _block, arm) => (arm === EDGE ? 0.5 + random.random() : 1);
    expect(breakEven({ edge: 100, verifying: 40, asking: 60 }, noisy)).toEqual([]);
  });

  it('has an interval with the stated coverage, if starts and blocks differ', () => {
    const random = createRandom(11);
    const runs = 40;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      // A JIT settles differently at each start: each arm costs slightly more or less throughout a fork.
      const starts = new Map<string, number>();
      const pace: Pace = (fork, _block, arm) => {
        const key = `${fork} ${arm}`;
        const start = starts.get(key) ?? 1 + 0.02 * random.normal();
        starts.set(key, start);
        return start * (1 + 0.02 * random.normal());
      };
      const paired = measured({ edge: 100, verifying: 40, asking: 80 }, pace);
      const [only] = found(breakEvenFigures(paired, context), 'chain_break_even_services');
      if (only !== undefined && only.low <= 2.5 && only.high >= 2.5) held++;
    }
    // 95 of 100, give or take three standard errors.
    expect(held).toBeGreaterThanOrEqual(34);
  });
});
