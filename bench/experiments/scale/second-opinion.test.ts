import { expect, it } from 'vitest';
import type { Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseScale } from './analyse.ts';

/** Three starts of two turns, on a machine that slows down by half from one to the next. */
function turns(): Slice[] {
  return [0, 1, 2, 3, 4, 5].flatMap((turn) =>
    Object.entries({ tollgate: 900, wrk: 1000 }).map(([engine, requests], order) =>
      testSlice({
        experiment: 'scale',
        arm: 'jwt-hs256',
        fork: Math.floor(turn / 2),
        block: turn % 2,
        order,
        mode: 'closed',
        factors: { replicas: 2, engine },
        durationMs: 1000,
        requests: requests / 2 ** turn,
        measures: { replica_share_cores: 0.2, replica_cpu_ns: 1e8, connections: 40 },
        flags: engine === 'wrk' ? ['generator-saturated'] : [],
      }),
    ),
  );
}

it('compares the engines turn by turn, so that the machine’s drift cancels, with the flags of both', () => {
  const figures = analyseScale(turns(), testContext);
  const [ratio] = figures.filter(({ metric }) => metric === 'throughput_ratio_to_engine');
  expect(ratio).toMatchObject({ factors: { replicas: 2, engine: 'wrk' }, blocks: 6, forks: 3 });
  expect(ratio?.value).toBeCloseTo(0.9, 9);
  expect(ratio?.high).toBeCloseTo(0.9, 9);
  expect(ratio?.flags).toContain('generator-saturated');
  const rates = figures.filter(({ metric }) => metric === 'engine_throughput_rps');
  expect(rates.map(({ factors }) => factors.engine)).toEqual(['tollgate', 'wrk']);
  expect((rates[0]?.value ?? 0) / (rates[1]?.value ?? 0)).toBeCloseTo(0.9, 9);
  // Over all turns, like throughput: 900 · (1 + … + 1/32) / 6.
  expect(rates[0]?.value).toBeCloseTo((900 * (2 - 1 / 32)) / 6, 6);
});

it('leaves every other figure of scale unchanged', () => {
  const plain = turns().map((slice): Slice => ({ ...slice, factors: { replicas: 2 }, order: 0 }));
  const own = plain.filter((_, i) => i % 2 === 0);
  const others = (figures: ReturnType<typeof analyseScale>) => figures.filter(({ factors }) => !factors.engine);
  expect(others(analyseScale([...own, ...turns()], testContext))).toEqual(analyseScale(own, testContext));
});
