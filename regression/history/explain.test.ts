import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../core/results/history/entry.ts';
import { recentWorsenings } from '../../core/results/history/recent.ts';
import { seriesOf } from '../../core/results/history/series.ts';
import { createRandom } from '../../core/stats/random.ts';
import { explain } from './explain.ts';

function entry(
  i: number,
  value: number,
  node: string,
  commit: string | null,
  metric: HistoryEntry['figures'][number]['metric'] = 'cpu_us_per_request',
): HistoryEntry {
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
        metric,
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
    edited: false,
    bisect: '--good aaaaaaaaaaaa --bad bbbbbbbbbbbb --arm session-redis --metric cpu_us_per_request',
  });
});

it('suggests no bisection between equal or unknown commits, nor a metric that bisect does not compare', () => {
  expect(explained([GOOD, GOOD])).toMatchObject({ commits: null, bisect: null });
  expect(explained([null, BAD])).toMatchObject({ commits: null, bisect: null });
  expect(explained([GOOD, BAD], [])).toMatchObject({ commits: { good: GOOD, bad: BAD }, bisect: null });
});

it('blames what changed anywhere the level may have begun', () => {
  const random = createRandom(1);
  // Node changes with run 30, which lies low by chance, so the level seems to begin with run 31.
  const entries = Array.from({ length: 60 }, (_, i) => {
    const value = 20 * (i < 30 ? 1 : 1.03) * (i === 30 ? 0.978 : 1 + 0.01 * random.normal());
    return entry(i, value, i < 30 ? 'v26.9.0' : 'v26.10.0', `${i}`.padStart(40, 'a'));
  });
  const [series] = seriesOf(entries);
  const [change] = series === undefined ? [] : recentWorsenings(series, 40);
  if (series === undefined || change === undefined) throw new Error('no change');
  expect(change.index).toBe(31);
  const { suspects, commits } = explain(series, change, entries, ['cpu_us_per_request']);
  expect(suspects).toMatchObject([{ name: 'Node' }]);
  expect(Number(commits?.good.slice(-2))).toBeLessThanOrEqual(29);
  expect(Number(commits?.bad.slice(-2))).toBeGreaterThanOrEqual(31);
});

it('searches for the cost behind a ratio to the baseline, and not among runs with edits', () => {
  const metric = 'total_cpu_ratio_to_baseline';
  const values = [2, 2.01, 1.99, 2, 2.01, 2.4, 2.41, 2.39];
  const entries = values.map((value, i) => entry(i, value, 'v26.9.0', i < 5 ? GOOD : BAD, metric));
  const [series] = seriesOf(entries);
  const [change] = series === undefined ? [] : recentWorsenings(series, 10);
  if (series === undefined || change === undefined) throw new Error('no change');
  const { bisect } = explain(series, change, entries, ['total_cpu_us_per_request']);
  expect(bisect).toMatch(/--metric total_cpu_us_per_request$/);
  const edited = entries.map((one, i) => ({ ...one, dirty: i === 5 }));
  expect(explain(series, change, edited, ['total_cpu_us_per_request'])).toMatchObject({ edited: true, bisect: null });
});
