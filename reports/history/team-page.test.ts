import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../core/results/history/entry.ts';
import type { History } from '../../core/results/history/history.ts';
import { seriesOf } from '../../core/results/history/series.ts';
import { teamPage, tollsOf } from './team-page.ts';

const AT = (i: number) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const entry = (i: number, value: number): HistoryEntry => ({
  version: 1,
  runId: `run-${i}`,
  at: AT(i),
  commit: `${i}`.padStart(40, 'b'),
  dirty: i === 2,
  machineClass: 'A <fast> machine',
  figures: [
    ...['jwt-<x>', 'none'].map((arm) => ({
      ...{ experiment: 'toll', arm, factors: {}, metric: 'total_cpu_ratio_to_baseline' as const },
      ...{ value: arm === 'none' ? 1 : value, low: value, high: value, flags: [] },
    })),
    {
      ...{ experiment: 'toll', arm: 'none', factors: {}, metric: 'request_bytes' as const },
      ...{ value: 5, low: 5, high: 5, flags: [] },
    },
  ],
  links: { run: `https://ci.example/runs/${i}`, commit: `https://ci.example/commit/${i}` },
});
const ENTRIES = [2, 2.01, 2, 1.99, 2, 3, 3.01, 3, 2.99].map((value, i) => entry(i, value));
const HISTORY: History = {
  entries: ENTRIES,
  ...{ runs: 9, outOfTime: 0, damaged: [] },
  acceptances: [
    {
      ...{ at: AT(9), runId: 'run-5', runAt: AT(5), arm: null, metric: null },
      ...{ reason: '"><script>alert(1)</script>', owner: 'ada <b>' },
    },
  ],
};

test('the page of a team has each arm’s toll, its changes with links, who accepted them, and its runs', async () => {
  const page = await teamPage(HISTORY, seriesOf(ENTRIES));
  expect(page.match(/<figure /g)).toHaveLength(2);
  expect(page).toMatch(/<span class="worse">2 → 3 × \(\+50\.\d %\)<\/span>/);
  expect(page).toContain('<a href="https://ci.example/runs/5">run-5</a>');
  expect(page).toContain('<a href="https://ci.example/commit/5"><code>bbbbbbbbbbbb</code></a>');
  expect(page).toMatch(/Accepted by ada &lt;b&gt; on 2026-01-10: &quot;&gt;&lt;script&gt;/);
  expect(page).toMatch(/data-find="jwt-&lt;x&gt;: [^"]*run-5[^"]*accepted ada &lt;b&gt;/);
  expect(page).toContain(' with edits');
  expect(page).not.toContain('request_bytes');
});

test('the only script of the page is its search, which the policy names, and nothing is fetched', async () => {
  const page = await teamPage(HISTORY, seriesOf(ENTRIES));
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text);
  expect(scripts).toHaveLength(1);
  const hash = createHash('sha256')
    .update(scripts[0] ?? '')
    .digest('base64');
  expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
  expect(page).not.toMatch(/\ssrc=|url\(|@import/);
});

test('each run can be searched for by its commit, also one with which nothing changed', async () => {
  const page = await teamPage(HISTORY, seriesOf(ENTRIES));
  const rows = [...page.matchAll(/<tr data-find="([^"]*)">/g)].map(([, words]) => words ?? '');
  expect(rows).toHaveLength(9);
  expect(rows[7]).toContain(`${'b'.repeat(39)}1 run-1`);
  expect(rows[7]).toContain('a &lt;fast&gt; machine');
});

test('a class of machine without a toll has its own series', () => {
  const bytes = ENTRIES.map((one) => ({ ...one, machineClass: 'other', figures: one.figures.slice(2) }));
  const drawn = tollsOf(seriesOf([...ENTRIES, ...bytes]));
  expect(new Set(drawn.map(({ machineClass }) => machineClass))).toEqual(new Set(['A <fast> machine', 'other']));
});

test('a history without a toll shows what is watched, or else everything', () => {
  const bytes = ENTRIES.map((one) => ({ ...one, figures: one.figures.slice(2) }));
  expect(tollsOf(seriesOf(bytes)).map(({ metric }) => metric)).toEqual(['request_bytes']);
});
