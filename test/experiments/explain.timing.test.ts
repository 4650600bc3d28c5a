/** A slowdown at a known place is found there, in profiles of real servers. */

import { expect, it } from 'vitest';
import { startGenerator } from '../../bench/load/generator.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/v8-flags.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { thenEnding } from '../../core/errors.ts';
import { Contest } from '../../regression/compare/contest.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { shiftsOf } from '../../regression/explain/shifts.ts';

/** Three more than the minimum, so that an unlucky start on a busy machine hides nothing of this size. */
const STARTS = 7;

it('finds the function that takes longer, and its package', async () => {
  const janitor = await Janitor.start();
  const generator = startGenerator(janitor);
  await thenEnding(
    async () => {
      const arm = (await describeArms()).find(({ baseline }) => baseline);
      if (arm === undefined) throw new Error('there is a baseline');
      const program = { execArgv: ALIKE_OPTIMISED };
      const contest = new Contest({
        environment: await makeEnvironment(janitor),
        generator,
        // Both contain the burning code, but only the second has an amount to burn.
        sides: [
          { name: 'base', arm, program, burnIterations: 0 },
          { name: 'head', arm, program, burnIterations: 100_000 },
        ],
        metrics: ['cpu_us_per_request'],
        marginPct: 2,
        profiled: true,
        // Shorter than a comparison, because the planted cost is many times that of the request.
        pace: { optimised: 'sooner', warmUpMs: 1_500, turns: 20, batchesPerTurn: 5 },
        seed: 1,
        signal: new AbortController().signal,
      });
      for (let start = 0; start < STARTS; start++) await contest.fork();
      const shifts = shiftsOf(contest.startsOf('head', 'cpu_us_per_request'));
      expect(shifts?.functions[0]).toMatchObject({ name: 'burn', file: expect.stringMatching(/burn\.ts$/) });
      expect(shifts?.packages[0]?.package).toBe('own code');
      expect(shifts?.functions[0]?.difference.low).toBeGreaterThan(0);
    },
    () => generator.stop(),
    () => janitor.finish(),
  );
});
