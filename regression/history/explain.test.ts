import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../core/results/history/entry.ts';
import { recentWorsenings } from '../../core/results/history/recent.ts';
import { seriesOf } from '../../core/results/history/series.ts';
import { explain } from './explain.ts';

function entry(i: number, value: number, node: string, commit: string | null): HistoryEntry {
  return {
    version: 1,
    runId: `run-${i}`,
    at: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
    commit,
    dirty: false,
    machineClass: 'm',
    figures: [
      {
        experiment: 'toll',
        arm: 'session-redis',
        factors: {},
        metric: 'cpu_us_per_request',
        value,
        low: value,
        high: value,
        flags: [],
      },
    ],
    origin: { cpuModel: 'c', kernel: 'k', node, v8: 'v', redis: null, packages: {} },
  };
}

function explained(commits: readonly [string | null, string | null], bisectable = ['cpu_us_per_request']) {
  const values = [20, 20.1, 19.9, 20, 20.1, 24, 24.1, 23.9];
  const entries = values.map((value, i) => entry(i, value, i < 5 ? 'v26.9.0' : 'v26.10.0', commits[i < 5 ? 0 : 1]));
  const [series] = seriesOf(entries);
  const change = series && recentWorsenings(series, 10)[0];
  if (!series || !change) throw new Error('no change');
  return explain(series, change, entries, bisectable);
}

const [GOOD, BAD] = ['a'.repeat(40), 'b'.repeat(40)];

it('names what changed together with the level, and the command for a bisection', () => {
  expect(explained([GOOD, BAD])).toEqual({
    suspects: [{ name: 'Node', before: 'v26.9.0', after: 'v26.10.0' }],
    commits: { good: GOOD, bad: BAD },
    bisect: '--good aaaaaaaaaaaa --bad bbbbbbbbbbbb --arm session-redis --metric cpu_us_per_request',
  });
});

it('suggests no bisection between equal or unknown commits, nor a metric that bisect does not compare', () => {
  expect(explained([GOOD, GOOD])).toMatchObject({ commits: null, bisect: null });
  expect(explained([null, BAD])).toMatchObject({ commits: null, bisect: null });
  expect(explained([GOOD, BAD], [])).toMatchObject({ commits: { good: GOOD, bad: BAD }, bisect: null });
});
