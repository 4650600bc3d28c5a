import { expect, test } from 'vitest';
import { testHeader } from '../../bench/testing/slices.ts';
import { progressOf } from '../../core/results/live/progress.ts';
import { RunTally } from '../../core/results/live/tally.ts';
import { armsFragment, factsFragment } from './fragments.ts';
import type { LiveState } from './state.ts';

const AT = Date.parse(testHeader.startedAt);
const at = (seconds: number) => new Date(AT + 1000 * seconds).toISOString();

/** The load began after 10 s, and no slice has ended yet. */
function stateAfter(nowSeconds: number, expected: { name: string; seconds: number }[]): LiveState {
  const tally = new RunTally();
  tally.add(testHeader);
  tally.add({ kind: 'gate', at: at(10), seconds: 8, failed: [], timed: false });
  const [first] = expected;
  tally.add({ kind: 'fork', experiment: first?.name ?? '', fork: 0, at: at(10), startupMs: 1, processes: 3 });
  const nowMs = AT + 1000 * nowSeconds;
  return {
    folder: 'results/run',
    fault: null,
    tally,
    progress: progressOf(tally, expected, nowMs),
    figures: { made: 0, madeAt: null, slices: 0, isMaking: false, againInSeconds: 0, fault: null },
    ownCpuSeconds: 0,
    ownCpuShare: 0,
    nowMs,
  };
}

/** The facts, with plain spaces before units. */
const factsAfter = (...of: Parameters<typeof stateAfter>) =>
  factsFragment(stateAfter(...of)).markup.replaceAll('\u202f', ' ');

test('a run that exceeds its plan says by how much, and does not promise to end at once', () => {
  const chain = [{ name: 'chain', seconds: 40 }];
  expect(factsAfter(30, chain)).toContain('<dd>20 s</dd>');
  const late = factsAfter(85, chain);
  expect(late).toContain('<dd>35 s longer than planned</dd>');
  expect(late).not.toContain('less than a second');
  const others = factsAfter(85, [...chain, { name: 'toll', seconds: 25 }]);
  expect(others).toContain('<dd>25 s</dd>');
});

test('until the first slice, the page says what takes time', () => {
  expect(armsFragment(stateAfter(30, [{ name: 'chain', seconds: 40 }])).markup).toContain('Servers start and warm up');
});
