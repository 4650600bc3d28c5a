/** Counts by the real valgrind, which `npm test` installs: the fake one accepts what its author knew of the real one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { countInstructions } from '../../regression/instructions/count.ts';

let janitor: Janitor;
beforeAll(async () => {
  janitor = await Janitor.start();
});
afterAll(() => janitor.finish());

/** It takes a minute on an idle machine; the count itself gives up after twenty. */
const MOST_MS = 1_260_000;

it('counts the instructions of a request of the unguarded arm', { timeout: MOST_MS }, async () => {
  const arm = (await describeArms()).find(({ baseline }) => baseline);
  if (arm === undefined) throw new Error('there is no baseline');
  const build = { label: 'this checkout', program: {} };
  const { signal } = new AbortController();
  const count = await countInstructions(await makeEnvironment(janitor), arm, build, signal);
  // An interpreted request takes some hundred thousand: fewer mean that not all of it was counted, more that a start was.
  expect(count).toBeGreaterThan(100_000);
  expect(count).toBeLessThan(2_000_000);
});
