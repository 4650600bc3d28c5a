import { describe, expect, it } from 'vitest';
import type { Slice } from '../../../core/results/schema.ts';
import { quotientOf } from '../../analysis/quotients.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseToll } from './analyse.ts';
import { forkCosts, tollRatios } from './ratios.ts';

const CPU = quotientOf('cpu_us_per_request');

interface Turns {
  readonly arm: string;
  readonly block: number;
  readonly b: number;
  readonly c?: number;
  readonly fork?: number;
  readonly process?: number;
  readonly mode?: Slice['mode'];
}

/** Two turns of 50 requests and two of 300, each of which takes c + b·n µs. */
function turns({ arm, block, b, c = 300, fork = 0, process, mode = 'paired' }: Turns): Slice {
  const cost = (requests: number) => 2000 * (c + b * requests);
  return testSlice({
    experiment: 'toll',
    arm,
    fork,
    block,
    mode,
    ...(process === undefined ? {} : { process }),
    factors: { in_flight: 10 },
    requests: 700,
    measures: {
      replica_cpu_ns: cost(50) + cost(300),
      redis_cpu_ns: 0,
      redis_commands: 0,
      short_turns: 2,
      short_requests: 100,
      short_replica_cpu_ns: cost(50),
      short_redis_cpu_ns: 0,
      long_turns: 2,
      long_requests: 600,
      long_replica_cpu_ns: cost(300),
      long_redis_cpu_ns: 0,
    },
  });
}

/** The machine's pace in each block of each fork. */
const PACES = [
  [1, 1.6, 0.7, 1.2],
  [2, 1.1, 1.9, 0.8],
  [0.9, 1.3, 1, 2.2],
];
const everyBlock = (of: (pace: number, fork: number, block: number) => Slice[]) =>
  PACES.flatMap((paces, fork) => paces.flatMap((pace, block) => of(pace, fork, block)));

describe('the ratio of two arms', () => {
  it('is that of b, whatever c and the machine’s drift', () => {
    const slices = everyBlock((pace, fork, block) => [
      turns({ arm: 'none', fork, block, b: 15 * pace, c: 300 * pace }),
      turns({ arm: 'a', fork, block, b: 45 * pace, c: 900 * pace }),
      turns({ arm: 'b', fork, block, b: 30 * pace, c: 10 * pace }),
    ]);
    const ratios = tollRatios(slices, 'none', CPU, 1);
    for (const ratio of [ratios.toBaseline('a'), ratios.toArm('a', 'b')]) {
      expect(ratio).toMatchObject({ forks: 3, blocks: 12 });
      expect(ratio?.high).toBeCloseTo(ratio?.low ?? 0, 9);
    }
    expect(ratios.toBaseline('a')?.value).toBeCloseTo(3, 9);
    expect(ratios.toArm('a', 'b')?.value).toBeCloseTo(1.5, 9);
  });

  it('is relative to the mean of the baseline’s processes', () => {
    const slices = everyBlock((pace, fork, block) => [
      turns({ arm: 'none', fork, block, b: 10 * pace }),
      turns({ arm: 'none', fork, block, process: 1, b: 20 * pace }),
      turns({ arm: 'none', fork, block, process: 2, b: 40 * pace }),
      turns({ arm: 'a', fork, block, b: 60 * pace }),
    ]);
    // The geometric mean of 10, 20 and 40 is 20.
    expect(tollRatios(slices, 'none', CPU, 1).toBaseline('a')?.value).toBeCloseTo(3, 9);
    const [fork] = forkCosts(slices, 'none', CPU);
    expect(fork?.baseline).toHaveLength(3);
    const figures = analyseToll(slices, testContext);
    const costs = figures.filter(({ metric, arm }) => metric === 'cpu_us_per_request' && arm === 'none');
    expect(costs).toMatchObject([{ blocks: 12, forks: 3 }]);
    const pace = PACES.flat().reduce((sum, each) => sum + each, 0) / 12;
    expect(costs[0]?.value).toBeCloseTo(((10 + 20 + 40) / 3) * pace, 9);
  });

  it('combines a block whose long turns cost less than its short ones with the next', () => {
    const slices = [-5, 95, 45, 45].flatMap((b, block) => [
      turns({ arm: 'none', block, b: 15 }),
      turns({ arm: 'a', block, b, c: 2000 }),
    ]);
    const [fork] = forkCosts(slices, 'none', CPU);
    expect(fork?.arms.get('a')?.map(Math.exp)).toEqual([45, 45, 45].map((b) => expect.closeTo(b, 9)));
    expect(fork?.baseline[0]).toHaveLength(3);
  });

  it('omits a fork in which an arm’s long turns cost less than its short ones', () => {
    const slices = [turns({ arm: 'none', block: 0, b: 15 }), turns({ arm: 'a', block: 0, b: -5, c: 2000 })];
    expect(tollRatios(slices, 'none', CPU, 1).toBaseline('a')).toBeNull();
  });
});

it('counts no warm-up block in any figure', () => {
  const blocks = everyBlock((pace, fork, block) => [
    turns({ arm: 'none', fork, block: block + 1, b: 15 * pace }),
    turns({ arm: 'a', fork, block: block + 1, b: 45 * pace }),
  ]);
  const cold = [
    turns({ arm: 'none', block: 0, b: 15, mode: 'warm-up' }),
    turns({ arm: 'a', block: 0, b: 200, mode: 'warm-up' }),
  ];
  expect(analyseToll([...cold, ...blocks], testContext)).toEqual(analyseToll(blocks, testContext));
});
