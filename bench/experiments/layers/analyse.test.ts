import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseLayers } from './analyse.ts';
import { BARE } from './list.ts';

const REQUESTS = 100;
const ARMS = { none: [30, 0], 'session-redis': [90, 1], 'jwt-hs256': [60, 0] } as const;
/** The cost of each layer: µs and commands. */
const ADDED = { [BARE]: [0, 0], tls: [10, 0], 'rate-limit-redis': [30, 3] } as const;

/** Four forks of three blocks; the machine's pace differs from block to block. */
function measured(): Slice[] {
  const slices: Slice[] = [];
  for (let fork = 0; fork < 4; fork++) {
    for (let block = 0; block < 3; block++) {
      const pace = 1 + ((fork * 3 + block * 2) % 5) / 5;
      for (const [arm, [us, commands]] of Object.entries(ARMS)) {
        for (const [layers, [more, asked]] of Object.entries(ADDED)) {
          const measures = {
            replica_cpu_ns: (us + more) * 1000 * REQUESTS * pace,
            redis_cpu_ns: (commands + asked) * 2000 * REQUESTS,
            redis_commands: (commands + asked) * REQUESTS,
            request_bytes: 100 * REQUESTS,
            response_bytes: 300 * REQUESTS,
          };
          slices.push(testSlice({ experiment: 'layers', arm, fork, block, factors: { layers }, measures }));
        }
      }
    }
  }
  return slices;
}

function find(figures: readonly Figure[], metric: string, arm: string, factors: Figure['factors']) {
  return figures.filter(
    (figure) =>
      figure.metric === metric &&
      figure.arm === arm &&
      Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  );
}

describe('layers', () => {
  const figures = analyseLayers(measured(), testContext);

  it('compares each layer with the same arm without it, in the same blocks', () => {
    const [ratio] = find(figures, 'layer_ratio', 'jwt-hs256', { layers: 'rate-limit-redis' });
    expect(ratio?.value).toBeCloseTo(1.5, 9);
    expect(ratio?.high).toBeCloseTo(1.5, 9);
    expect(find(figures, 'layer_ratio', 'session-redis', { layers: 'tls' })[0]?.value).toBeCloseTo(100 / 90, 9);
    expect(find(figures, 'layer_ratio', 'jwt-hs256', { layers: BARE })).toEqual([]);
  });

  it('separates a layer’s Redis use from the arm’s', () => {
    for (const arm of Object.keys(ARMS)) {
      const [commands] = find(figures, 'layer_redis_commands', arm, { layers: 'rate-limit-redis' });
      expect(commands).toMatchObject({ value: 3, low: 3, high: 3, unit: 'commands' });
      expect(find(figures, 'layer_redis_cpu_us', arm, { layers: 'rate-limit-redis' })[0]?.value).toBeCloseTo(6, 9);
      expect(find(figures, 'layer_redis_commands', arm, { layers: 'tls' })[0]?.value).toBe(0);
    }
    // A layer must not break a limit on an arm's own commands.
    expect(
      figures.filter(({ metric }) => metric === 'redis_commands_per_request').map(({ factors }) => factors),
    ).toEqual(Object.keys(ARMS).map(() => ({ layers: BARE })));
  });

  it('shows the remaining difference between schemes under each layer', () => {
    const ratio = (layers: string) => find(figures, 'scheme_ratio', 'session-redis', { layers, than: 'jwt-hs256' })[0];
    expect(ratio(BARE)?.value).toBeCloseTo(1.5, 9);
    expect(ratio('tls')?.value).toBeCloseTo(100 / 70, 9);
    expect(ratio('rate-limit-redis')?.value).toBeCloseTo(120 / 90, 9);
  });

  it('pairs an arm with the baseline under the same layer', () => {
    const [ratio] = find(figures, 'cpu_ratio_to_baseline', 'session-redis', { layers: 'tls' });
    expect(ratio?.value).toBeCloseTo(2.5, 9);
  });

  it('defines a handshake as the cost of a new connection with TLS beyond one without', () => {
    const connection = (block: number, layers: string, us: number, handshake: string) =>
      testSlice({
        experiment: 'layers',
        arm: 'none',
        fork: 0,
        block,
        mode: 'connect',
        factors: { layers, handshake },
        requests: 10,
        measures: { replica_cpu_ns: us * 1000 * 10 },
      });
    const both = [0, 1, 2].flatMap((block) => [
      connection(block, BARE, 150, 'full'),
      connection(block, 'tls', 900, 'full'),
      connection(block, BARE, 150, 'resumed'),
      connection(block, 'tls', 500, 'resumed'),
    ]);
    const made = analyseLayers(both, testContext).filter(({ metric }) => metric === 'handshake_cpu_us');
    expect(made.map(({ factors, value }) => [factors.handshake, Math.round(value)])).toEqual([
      ['full', 750],
      ['resumed', 350],
    ]);
  });
});
