import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../core/results/history/entry.ts';
import type { History } from '../../core/results/history/history.ts';
import { seriesOf } from '../../core/results/history/series.ts';
import { digest } from './digest.ts';
import { linksFrom } from './links.ts';

const AT = (i: number) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const entry = (i: number, value: number, node = 'v26.1.0'): HistoryEntry => ({
  version: 1,
  runId: `run-${i}`,
  at: AT(i),
  commit: `${i}`.padStart(40, 'a'),
  dirty: false,
  machineClass: 'small|class',
  figures: [
    {
      ...{ experiment: 'toll', arm: 'jwt-hs256', factors: {}, metric: 'total_cpu_ratio_to_baseline' },
      ...{ value, low: value, high: value, flags: [] },
    },
  ],
  origin: { cpuModel: 'c', kernel: 'k', node, v8: '1', redis: null, packages: {} },
});
const history = (entries: readonly HistoryEntry[], more: Partial<History> = {}): History => ({
  ...{ entries, runs: entries.length, outOfTime: 0, damaged: [], acceptances: [] },
  ...more,
});
const VALUES = [2, 2.01, 2, 1.99, 2, 2, 3, 3.01, 3, 2.99];
const ENTRIES = VALUES.map((value, i) => entry(i, value, i < 6 ? 'v26.1.0' : 'v26.2.0'));
const options = { days: 7, untilMs: Date.parse(AT(9)) };

it('reports the changes of the week with other changes of the run, escaped', () => {
  const markdown = digest(history(ENTRIES), seriesOf(ENTRIES), options);
  expect(markdown).toMatch(
    /^## Tollgate: 2026-01-03 to 2026-01-10\n\n7 runs on 1 class of machine\. 1 change for the worse/,
  );
  expect(markdown).toMatch(/### Worse\n\n- jwt-hs256: .* 2 → 3 × \(\\?\+50\.0 %\); since 2026-01-07, commit aaaa/);
  expect(markdown).toContain('changed with it: Node v26.1.0 → v26.2.0');
  expect(markdown).toContain('small\\|class');
});

it('omits earlier weeks, and lists accepted changes separately', () => {
  const later = { ...options, untilMs: Date.parse(AT(30)) };
  expect(digest(history(ENTRIES), seriesOf(ENTRIES), later)).toMatch(/^[^\n]*\n\n0 runs.*0 changes for the worse/);
  const accepted = {
    ...{ at: AT(9), runId: 'run-6', runAt: AT(6), reason: 'on <purpose>', owner: 'ada', arm: null, metric: null },
  };
  const markdown = digest(history(ENTRIES, { acceptances: [accepted] }), seriesOf(ENTRIES), options);
  expect(markdown).toMatch(/0 changes for the worse, 0 for the better, 1 accepted/);
  expect(markdown).toMatch(/### Accepted[\s\S]*accepted by ada: on &lt;purpose&gt;/);
  expect(markdown).not.toContain('### Worse');
});

it('reports each change once, in the digest of the days in which enough runs showed it', () => {
  const values = Array.from({ length: 40 }, (_, i) => (i < 20 ? 2 : 2.1) * (1 + 0.004 * ((i * 7) % 5)));
  const runs = values.map((value, i) => entry(i, value));
  const digestOn = (day: number) => {
    const known = runs.slice(0, day + 1);
    return digest(history(known), seriesOf(known), { days: 7, untilMs: Date.parse(AT(day)) });
  };
  // The week of the step ends with its first run, and so it is told a week later, although it began before.
  expect([13, 20, 27, 34].map((day) => digestOn(day).includes('### Worse'))).toEqual([false, false, true, false]);
  expect(digestOn(27)).toContain('since 2026-01-21');
  // Before the first run, nothing was known.
  const all = { days: 365, untilMs: Date.parse(AT(39)) };
  expect(digest(history(runs), seriesOf(runs), all)).toContain('since 2026-01-21');
});

it('reports a drift while it lasts, and all series where asked', () => {
  const runs = Array.from({ length: 60 }, (_, i) => {
    const { figures, ...rest } = entry(i, 2 * 1.005 ** i * (1 + 0.002 * ((i * 7) % 5)));
    return { ...rest, figures: figures.map((one) => ({ ...one, metric: 'total_cpu_us_per_request' as const })) };
  });
  const week = { days: 7, untilMs: Date.parse(AT(59)) };
  expect(digest(history(runs), seriesOf(runs), week)).not.toContain('### Worse');
  expect(digest(history(runs), seriesOf(runs), { ...week, all: true })).toMatch(/### Worse\n\n- .*grows steadily from/);
});

it('says that older runs of these days were not read', () => {
  const cut = digest(history(ENTRIES.slice(5), { runs: 10 }), seriesOf(ENTRIES.slice(5)), options);
  expect(cut).toContain('Older runs of these days were not read');
  expect(digest(history(ENTRIES), seriesOf(ENTRIES), options)).not.toContain('Older runs');
});

it('says that two kinds of run are mixed, and what distinguishes them', () => {
  const isUpper = (i: number) => i % 2 === 1 || i === 20;
  const two = Array.from({ length: 60 }, (_, i) =>
    entry(i, (isUpper(i) ? 3 : 2) * (1 + 0.002 * ((i * 7) % 5)), isUpper(i) ? 'v26.9.1' : 'v26.1.0'),
  );
  const markdown = digest(history(two), seriesOf(two), { days: 7, untilMs: Date.parse(AT(59)) });
  expect(markdown).toMatch(/Two kinds of run are mixed in 1 series: 31 runs at 1\.49 × the level of the other 29\./);
  expect(markdown).toContain('The upper ones have Node v26.9.1, not v26.1.0. If they are of several configurations');
});

it('says that excluded runs look as if they were in another unit', () => {
  const runs = Array.from({ length: 40 }, (_, i) => entry(i, (i >= 34 && i < 38 ? 1000 : 1) * (2 + 0.01 * (i % 3))));
  const markdown = digest(history(runs), seriesOf(runs), { days: 7, untilMs: Date.parse(AT(39)) });
  expect(markdown).toMatch(
    /4 runs with figures that no level counts, .*In 1 series they are about a power of 1,000 off, as if in another unit\.\n\n- run-34, 2026-02-04: jwt-hs256: total/,
  );
});

it('links runs and commits as the CI system names them, and only https pages', () => {
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '7' };
  expect(linksFrom(github, 'abc')).toEqual({
    run: 'https://github.com/a/b/actions/runs/7',
    commit: 'https://github.com/a/b/commit/abc',
  });
  const gitlab = { CI_JOB_URL: 'https://gitlab.com/a/b/-/jobs/9', CI_PROJECT_URL: 'https://gitlab.com/a/b' };
  expect(linksFrom(gitlab, 'abc')).toEqual({
    run: 'https://gitlab.com/a/b/-/jobs/9',
    commit: 'https://gitlab.com/a/b/-/commit/abc',
  });
  expect(linksFrom({ CI_JOB_URL: 'javascript:alert(1)' }, 'abc')).toBeNull();
  expect(linksFrom({}, 'abc')).toBeNull();
});
