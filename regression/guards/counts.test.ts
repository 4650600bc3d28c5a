import { expect, it } from 'vitest';
import { compareCounts, type GuardCounts, lowMedian } from './counts.ts';

const COUNTS: GuardCounts = {
  redis_commands_per_request: 1,
  request_bytes: 144,
  lengths: { fixed: 144, chance: [0, 0] },
  response_bytes: 261,
  set_cookies_per_request: 0,
  loop_turns_per_request: 2,
  allocated_bytes_per_request: 20_000,
};
const verdicts = (head: Partial<GuardCounts>) =>
  compareCounts(COUNTS, { ...COUNTS, ...head })
    .filter(({ verdict }) => verdict !== 'same')
    .map(({ metric, verdict }) => `${metric} ${verdict}`);

it('finds equal builds equal', () => {
  expect(verdicts({})).toEqual([]);
  // The difference between two starts of one build.
  expect(verdicts({ allocated_bytes_per_request: 20_010, redis_commands_per_request: 1.0007 })).toEqual([]);
});

it('detects a change of one', () => {
  expect(verdicts({ redis_commands_per_request: 2 })).toEqual(['redis_commands_per_request more']);
  expect(verdicts({ lengths: { fixed: 145, chance: [0, 0] }, response_bytes: 260 })).toEqual([
    'request_bytes more',
    'response_bytes fewer',
  ]);
  expect(verdicts({ set_cookies_per_request: 1 })).toEqual(['set_cookies_per_request more']);
  expect(verdicts({ loop_turns_per_request: 3 })).toEqual(['loop_turns_per_request more']);
  expect(verdicts({ allocated_bytes_per_request: 20_700 })).toEqual(['allocated_bytes_per_request more']);
});

it('reports that a build does not count, rather than that nothing changed', () => {
  expect(verdicts({ loop_turns_per_request: null })).toEqual(['loop_turns_per_request not counted']);
});

it('uses a counted number, never one in between', () => {
  expect(lowMedian([3, 1, 2, 9])).toBe(2);
});
