import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analysePayload } from './analyse.ts';

const LEVELS = [0, 50, 100, 200];
const REQUESTS = 100;

/** Cost in µs and request bytes of an arm with the given number of roles. */
type Model = (roles: number) => { readonly us: number; readonly bytes: number; readonly commands: number };

/**
 * Four forks, every level twice in each; the machine's pace differs between blocks by up to a factor of two, and is
 * one on average.
 */
function measured(models: Record<string, Model>): Slice[] {
  const slices: Slice[] = [];
  for (let fork = 0; fork < 4; fork++) {
    for (let block = 0; block < 2 * LEVELS.length; block++) {
      const roles = LEVELS[block % LEVELS.length] ?? 0;
      const pace = 0.65 + 0.1 * ((2 * fork + Math.floor(block / LEVELS.length) + 3 * (block % LEVELS.length)) % 8);
      for (const [arm, model] of Object.entries(models)) {
        const { us, bytes, commands } = model(roles);
        const measures = {
          replica_cpu_ns: us * 1000 * REQUESTS * pace,
          redis_cpu_ns: commands * 5_000 * REQUESTS * pace,
          redis_commands: commands * REQUESTS,
          request_bytes: bytes * REQUESTS,
          response_bytes: 300 * REQUESTS,
        };
        slices.push(testSlice({ experiment: 'payload', arm, fork, block, factors: { roles }, measures }));
      }
    }
  }
  return slices;
}

const none: Model = (roles) => ({ us: 30 + 0.02 * roles, bytes: 43, commands: 0 });
const session: Model = (roles) => ({ us: 90 + 0.03 * roles, bytes: 133, commands: 1 });
const token = (start: number, perRole: number): Model => {
  return (roles) => ({ us: start + perRole * roles, bytes: 400 + 25 * roles, commands: 0 });
};

function find(figures: readonly Figure[], metric: string, arm: string, factors: Figure['factors'] = {}) {
  return figures.filter(
    (figure) =>
      figure.metric === metric &&
      figure.arm === arm &&
      Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  );
}

describe('payload', () => {
  it('finds where a token becomes more expensive than a session, whatever the machine’s drift', () => {
    const figures = analysePayload(
      measured({ none, 'session-redis': session, 'jwt-hs256': token(70, 0.23) }),
      testContext,
    );
    const [crossing, ...more] = find(figures, 'crossing_roles', 'jwt-hs256', { of: 'replica' });
    expect(more).toEqual([]);
    expect(crossing?.factors).toEqual({ of: 'replica', than: 'session-redis' });
    // 70 + 0.23 n = 90 + 0.03 n.
    expect(crossing?.value).toBeCloseTo(100, 0);
    expect(crossing?.low).toBeLessThanOrEqual(100.5);
    expect(crossing?.high).toBeGreaterThanOrEqual(99.5);
    // With Redis's own 5 µs the session costs more, so the token stays cheaper for longer: 25 / 0.2.
    expect(find(figures, 'crossing_roles', 'jwt-hs256', { of: 'total' })[0]?.value).toBeCloseTo(125, 0);
  });

  it('gives no crossing if there is none in range, and shows the gap at both ends', () => {
    const figures = analysePayload(
      measured({ none, 'session-redis': session, 'jwt-hs256': token(50, 0.05) }),
      testContext,
    );
    expect(find(figures, 'crossing_roles', 'jwt-hs256')).toEqual([]);
    const gaps = find(figures, 'cpu_gap_us', 'jwt-hs256', { of: 'replica' });
    expect(gaps.map(({ factors }) => factors.roles)).toEqual([0, 200]);
    expect(gaps[0]?.value).toBeCloseTo(-40, 0);
    expect(gaps[1]?.value).toBeCloseTo(-36, 0);
    expect(gaps.every(({ high }) => high < 0)).toBe(true);
  });

  it('reports a crossing in the other direction for the session', () => {
    const steep: Model = (roles) => ({ us: 60 + 0.4 * roles, bytes: 133, commands: 1 });
    const figures = analysePayload(
      measured({ none, 'session-redis': steep, 'jwt-hs256': token(80, 0.2) }),
      testContext,
    );
    expect(find(figures, 'crossing_roles', 'jwt-hs256')).toEqual([]);
    const [crossing] = find(figures, 'crossing_roles', 'session-redis', { of: 'replica', than: 'jwt-hs256' });
    expect(crossing?.value).toBeCloseTo(100, 0);
  });

  it('reports what one more role adds to the request, and to the CPU time beyond the baseline’s', () => {
    const figures = analysePayload(
      measured({ none, 'session-redis': session, 'jwt-hs256': token(70, 0.12) }),
      testContext,
    );
    expect(find(figures, 'request_bytes_per_role', 'jwt-hs256')[0]).toMatchObject({ value: 25, low: 25, high: 25 });
    expect(find(figures, 'request_bytes_per_role', 'session-redis')[0]?.value).toBe(0);
    expect(find(figures, 'cpu_us_per_role', 'jwt-hs256')[0]?.value).toBeCloseTo(0.1, 2);
    expect(find(figures, 'cpu_us_per_role', 'none')).toEqual([]);
  });

  it('pairs each number of roles with the baseline at the same number', () => {
    const figures = analysePayload(measured({ none, 'jwt-hs256': token(60, 0.04) }), testContext);
    for (const roles of LEVELS) {
      const [ratio] = find(figures, 'cpu_ratio_to_baseline', 'jwt-hs256', { roles });
      expect(ratio?.value).toBeCloseTo(2, 9);
    }
  });

  it('shows an exact limit, and flags one that is not', () => {
    const limit = (value: number, flags: Slice['flags'], atMost?: number) =>
      testSlice({
        experiment: 'payload',
        arm: 'jwt-cookie',
        mode: 'count',
        factors: { limit: 'cookie' },
        measures: { limit_roles: value, ...(atMost === undefined ? {} : { limit_roles_at_most: atMost }) },
        flags,
      });
    const [met] = analysePayload([limit(147, [])], testContext);
    expect(met).toMatchObject({ metric: 'limit_roles', value: 147, low: 147, high: 147, flags: [] });
    const [ranged] = analysePayload([limit(147, [], 149)], testContext);
    expect(ranged).toMatchObject({ value: 147, low: 147, high: 149 });
    const [unmet] = analysePayload([limit(1504, ['search-ended'])], testContext);
    expect(unmet?.flags).toEqual(['search-ended']);
  });
});
