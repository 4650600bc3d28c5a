import { expect, it } from 'vitest';
import type { Slice } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseChain } from './analyse.ts';

const REQUESTS = 100;
const context = { ...testContext, arms: ['none', 'session', 'token'].map((name) => armSummary(name)) };

/** µs of the first hop and of each further one, beyond the chain without authentication. */
const CHAINS = [
  ['none', undefined, 0, 0],
  ['session', 'edge', 70, 9],
  ['session', 'every-hop', 70, 30],
  ['token', 'every-hop', 20, 27],
] as const;

/** Five forks of four rounds, in blocks whose pace all chains share. */
function measured(): Slice[] {
  const random = createRandom(4);
  return [0, 1, 2, 3, 4].flatMap((fork) =>
    [0, 1, 2, 3].flatMap((round) => {
      // A round of several blocks has one pace here, as a machine that drifts slowly.
      const pace = 0.7 + 0.6 * random.random();
      return [1, 2, 3].flatMap((hops) =>
        CHAINS.map(([arm, checks, first, further]) => {
          const us = (60 * hops + first + further * (hops - 1)) * pace;
          return testSlice({
            experiment: 'chain',
            arm,
            fork,
            block: 3 * round + hops,
            factors: { ...(checks === undefined ? {} : { checks }), hops, in_flight: 10 },
            requests: REQUESTS,
            measures: { replica_cpu_ns: us * 1000 * REQUESTS, redis_cpu_ns: 0 },
          });
        }),
      );
    }),
  );
}

it('finds what further hops cost more in one chain than in another, although the machine drifts', () => {
  const figures = analyseChain(measured(), context);
  const found = figures.filter(({ metric }) => metric === 'chain_difference_per_hop_us');
  expect(found.map(({ arm, factors }) => [arm, factors])).toEqual([
    ['session', { against: 'session', checks: 'edge' }],
    ['session', { against: 'token', checks: 'edge' }],
    ['session', { against: 'token', checks: 'every-hop' }],
  ]);
  // The true differences, if the mean pace is near 1.
  for (const [i, truth] of [9 - 30, 9 - 27, 30 - 27].entries()) {
    const { value, low, high } = found[i] as (typeof found)[number];
    expect(value / truth).toBeGreaterThan(0.85);
    expect(value / truth).toBeLessThan(1.15);
    expect(Math.sign(low)).toBe(Math.sign(truth));
    expect(Math.sign(high)).toBe(Math.sign(truth));
  }
  // The two slopes of the last pair vary with the machine, so their own intervals overlap.
  const slope = (arm: string) =>
    figures.find(
      (one) => one.metric === 'chain_toll_per_hop_us' && one.arm === arm && one.factors.checks === 'every-hop',
    );
  expect(slope('session')?.low).toBeLessThan(slope('token')?.high ?? 0);
});
