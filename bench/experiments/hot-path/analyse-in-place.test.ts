import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { figure } from '../../analysis/figure.ts';
import { primitivesOf } from '../../micro/parts.ts';
import { MICRO_TASKS } from '../../micro/registry.ts';
import { describeArms } from '../../run/arms.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseInPlace, isInPlace, NO_WORK } from './analyse-in-place.ts';
import { worksFor } from './in-place.ts';

const REQUESTS = 100;
/** The cost of a request to the server without additional work. */
const BASELINE_US = 12;

type Pace = (us: number, fork: number, block: number) => number;
/** The machine's pace differs between blocks by a shared amount. */
const byAmounts: Pace = (us, fork, block) => us + ((7 * fork + 3 * block) % 5);
/** The machine is slower by a shared factor: in the whole experiment, and between blocks. */
const byFactors =
  (factor: number): Pace =>
  (us, _, block) =>
    us * factor * (1 + block / 2);

/** Four forks of three blocks. */
function measured(costs: Readonly<Record<string, number>>, pace: Pace = byAmounts): Slice[] {
  const places = Array.from({ length: 12 }, (_, i) => ({ fork: Math.floor(i / 3), block: i % 3 }));
  return places.flatMap(({ fork, block }) =>
    Object.entries({ [NO_WORK]: 0, ...costs }).map(([work, us]) => {
      const measures = { replica_cpu_ns: pace(BASELINE_US + us, fork, block) * 1000 * REQUESTS };
      const factors = { in_flight: 10, work };
      return testSlice({ experiment: 'hot-path', arm: 'none', fork, block, factors, requests: REQUESTS, measures });
    }),
  );
}

/** As `toll` measured it, µs beyond a baseline of as many µs as here. */
const toll = (arm: string, us: number, spread = 0): Figure =>
  figure({ experiment: 'toll', arm, factors: { in_flight: 10 } }, 'cpu_ratio_to_baseline', {
    value: 1 + us / BASELINE_US,
    low: 1 + (us - spread) / BASELINE_US,
    high: 1 + (us + spread) / BASELINE_US,
    ...{ confidence: 0.95, blocks: 30, forks: 10 },
  });
const analyse = (slices: readonly Slice[], tolls: readonly Figure[] = []) =>
  analyseInPlace(slices, tolls, testContext, 'hot-path');

describe('a primitive in place', () => {
  it('costs the difference between the server that does it and the one that does not', () => {
    const figures = analyse(measured({ 'hs256-verify': 10, 'redis-getex-batched': 8 }));
    expect(figures.map(({ metric, arm, factors }) => [metric, arm, factors.primitive])).toEqual([
      ['primitive_in_place_us', null, 'hs256-verify'],
      ['primitive_in_place_us', null, 'redis-getex-batched'],
    ]);
    expect(figures[0]).toMatchObject({ unit: 'µs', forks: 4, blocks: 12, flags: [] });
    expect(figures[0]?.value).toBeCloseTo(10, 9);
    expect(figures[0]?.low).toBeCloseTo(10, 9);
    expect(figures[1]?.value).toBeCloseTo(8, 9);
  });

  it.each([1, 2])('is compared with a toll although the machine has slowed down by a factor of %d', (factor) => {
    const figures = analyse(measured({ 'hs256-verify-by-hand': 10 }, byFactors(factor)), [
      toll('jwt-hs256-lean', 11, 1),
      toll('session-redis-lean', 12),
      toll('none', 0),
    ]);
    const ratios = figures.filter(({ metric }) => metric === 'toll_to_primitive_in_place_ratio');
    // The session's primitive was not measured, and the baseline has none.
    expect(ratios.map(({ arm }) => arm)).toEqual(['jwt-hs256-lean']);
    expect(ratios[0]).toMatchObject({ unit: '×', forks: 4, factors: {} });
    expect(ratios[0]?.value).toBeCloseTo(1.1, 9);
    expect(ratios[0]?.low).toBeCloseTo(1.0, 9);
    expect(ratios[0]?.high).toBeCloseTo(1.2, 9);
  });

  it('of an arm that needs two is their sum', () => {
    const both = analyse(measured({ 'hs256-verify': 10, 'redis-mget-batched': 6 }, byFactors(1)), [
      toll('jwt-denylist', 24),
    ]);
    expect(both.at(-1)?.value).toBeCloseTo(1.5, 9);
    expect(analyse(measured({ 'hs256-verify': 10 }), [toll('jwt-denylist', 24)])).toHaveLength(1);
  });

  it('is not compared if its interval includes zero', () => {
    const figures = analyse(measured({ 'hs256-verify': 0 }), [toll('jwt-hs256', 11)]);
    expect(figures.map(({ metric }) => metric)).toEqual(['primitive_in_place_us']);
    const together = analyse(measured({ 'jwt-decode + hs256-verify': 0 }), [toll('jwt-hs256', 11)]);
    expect(together.map(({ metric }) => metric)).toEqual(['parts_in_place_us']);
  });

  it('passes on the flags of either server', () => {
    const slices = measured({ 'hs256-verify-by-hand': 10 }).map(
      (slice, i): Slice => (i === 0 ? { ...slice, flags: ['unexpected-responses'] } : slice),
    );
    expect(analyse(slices, [toll('jwt-hs256-lean', 11)]).map(({ flags }) => flags)).toEqual(
      Array(4).fill(['unexpected-responses']),
    );
  });
});

describe('the parts of an arm together', () => {
  const TOGETHER = 'cookie-unsign-by-hand + redis-getex-batched + json-parse';

  it.each([1, 2])('are compared with the toll although the machine has slowed down by a factor of %d', (factor) => {
    const figures = analyse(measured({ 'redis-getex-batched': 8, [TOGETHER]: 12 }, byFactors(factor)), [
      toll('session-redis-lean', 15, 3),
      toll('jwt-hs256', 20),
    ]);
    expect(figures.map(({ metric, arm }) => [metric, arm])).toEqual([
      ['primitive_in_place_us', null],
      ['toll_to_primitive_in_place_ratio', 'session-redis-lean'],
      ['parts_in_place_us', 'session-redis-lean'],
      ['toll_to_parts_in_place_ratio', 'session-redis-lean'],
    ]);
    const [, , parts, ratio] = figures;
    expect(parts).toMatchObject({ unit: 'µs', forks: 4, blocks: 12, factors: {}, flags: [] });
    // Of three blocks at 1, 1.5 and 2 times the pace: the mean of the differences.
    expect(parts?.value).toBeCloseTo(12 * factor * 1.5, 9);
    expect(ratio?.value).toBeCloseTo(1.25, 9);
    expect(ratio?.low).toBeCloseTo(1.0, 9);
    expect(ratio?.high).toBeCloseTo(1.5, 9);
  });

  it('are a single part if an arm has only its essential primitive', () => {
    const figures = analyse(measured({ 'hs256-verify-by-hand': 10 }, byFactors(1)), [toll('jwt-hs256-lean', 11)]);
    expect(figures.map(({ metric }) => metric)).toEqual([
      'primitive_in_place_us',
      'toll_to_primitive_in_place_ratio',
      'parts_in_place_us',
      'toll_to_parts_in_place_ratio',
    ]);
    expect(figures[3]?.value).toBe(figures[1]?.value);
  });
});

describe('what is measured in place', () => {
  it('is each essential primitive, and all parts of each arm in order, once; all are in the suite', async () => {
    const works = worksFor(await describeArms());
    expect(works).toContain('hs256-verify');
    expect(works).toContain('cookie-unsign-by-hand + redis-getex-batched + json-parse');
    expect(works.find((work) => work.startsWith('cookie-parse + cookie-unsign + redis-getex-pipelined'))).toBe(
      'cookie-parse + cookie-unsign + redis-getex-pipelined + json-parse + cookie-sign + session-hash + session-hash',
    );
    expect(new Set(works).size).toBe(works.length);
    expect(works).not.toContain('');
    expect(MICRO_TASKS.map(({ name }) => name)).toEqual(expect.arrayContaining(works.flatMap(primitivesOf)));
  });

  it('is distinct from the pairs that a profile divides', () => {
    const [beside] = measured({});
    expect(beside && isInPlace(beside)).toBe(true);
    expect(isInPlace(testSlice({ experiment: 'hot-path', arm: 'none', factors: { in_flight: 10 } }))).toBe(false);
  });
});
