import { describe, expect, it } from 'vitest';
import type { Figure, Run } from '../../core/results/schema.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { ratioOf, sentences, sideBySide, whyNotComparable } from './side-by-side.ts';
import { sideBySideMarkdown, sideBySidePage } from './side-by-side-page.ts';

const sample = sampleRun();
const clean = { ...sample.environment, gitCommit: 'a'.repeat(40), gitDirty: false };
const run = (figures: readonly Figure[], over: Partial<Run> = {}): Run => ({
  ...{ ...sample, environment: clean, figures: [...figures] },
  ...over,
});
const cpu = (arm: string, value: number, spread = 0.02) => figure(arm, 'total_cpu_us_per_request', value, { spread });
const beside = (...runs: readonly Run[]) => sideBySide(runs.map((one, i) => ({ name: `results/${i}`, run: one })));

describe('the ratio of two runs', () => {
  it('includes both their intervals', () => {
    const [a, b] = [
      { value: 20, low: 20 / 1.1, high: 20 * 1.1 },
      { value: 10, low: 10 / 1.1, high: 10 * 1.1 },
    ];
    const { value, low, high } = ratioOf(a, b);
    expect(value).toBeCloseTo(2, 9);
    // Two equal errors together are the root of two as large, on the log scale.
    expect(Math.log(high / 2)).toBeCloseTo(Math.SQRT2 * Math.log(1.1), 9);
    expect(Math.log(2 / low)).toBeCloseTo(Math.SQRT2 * Math.log(1.1), 9);
  });

  it('reports more, less, or no difference found, and nothing without a valid ratio', () => {
    const zero = figure('none', 'redis_commands_per_request', 0, { spread: 0 });
    const lone = { ...cpu('d', 5, 0), blocks: 1 };
    const found = beside(
      run([cpu('a', 10), cpu('b', 10), cpu('c', 10), lone, zero]),
      run([cpu('a', 15), cpu('b', 7), cpu('c', 10.1), lone, zero]),
    );
    const outcomes = found.rows.map(({ arm, against }) => [arm, against[1]?.outcome ?? null]);
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'more', b: 'less', c: 'no difference', d: null, none: null });
    expect(sentences(found)).toEqual([
      'Of 3 figures compared between B and A, 1 higher in B, 1 lower and 1 without a difference found (Holm, 5 %).',
    ]);
  });

  it('is exact if both were counted, up to rounding', () => {
    const bytes = (arm: string, value: number) => figure(arm, 'request_bytes', value, { spread: 0 });
    const found = beside(
      run([bytes('a', 133), { ...bytes('b', 43), high: 43.00000000000004 }]),
      run([bytes('a', 160), bytes('b', 43)]),
    );
    expect(found.rows.map(({ against }) => against[1])).toEqual([
      { ratio: { value: 160 / 133, low: 160 / 133, high: 160 / 133 }, outcome: 'more' },
      { ratio: { value: 1, low: 1, high: 1 }, outcome: 'no difference' },
    ]);
  });

  it('is corrected for many figures: one of a hundred that barely differs is no difference', () => {
    const arms = Array.from({ length: 100 }, (_, i) => `arm-${i}`);
    const barely = 1.03;
    const found = (names: readonly string[]) =>
      beside(run(names.map((arm) => cpu(arm, 10))), run(names.map((arm, i) => cpu(arm, i === 0 ? 10 * barely : 10))));
    expect(found(arms.slice(0, 1)).rows[0]?.against[1]?.outcome).toBe('more');
    expect(found(arms).rows[0]?.against[1]?.outcome).toBe('no difference');
  });
});

describe('runs that cannot be compared', () => {
  const base = run([cpu('a', 10)]);
  it.each<readonly [string, Partial<Run>, RegExp]>([
    ['machine', { environment: { ...clean, cpuModel: 'Other' } }, /different class of machine: .* and Other, /],
    ['Node', { environment: { ...clean, node: `${clean.node}1` } }, /other Node/],
    ['Redis', { environment: { ...clean, redis: 'Redis 1' } }, /other Redis/],
    [
      'version',
      { environment: { ...clean, gitCommit: 'b'.repeat(40) } },
      /different version.*aaaaaaaaaaaa and bbbbbbbbbbbb/,
    ],
    ['changes', { environment: { ...clean, gitDirty: true } }, /not known to be the same.*with changes/],
    ['unknown version', { environment: { ...clean, gitCommit: null } }, /unknown/],
    ['packages', { environment: { ...clean, packages: { fastify: '1.0.0' } } }, /other packages/],
    ['profile', { config: { ...sample.config, profile: 'full' } }, /other profile: quick and full/],
    ['load', { config: { ...sample.config, redis: 'cluster' } }, /other load/],
  ])('have another %s, and no ratio', (_, over, reason) => {
    const other = run([cpu('a', 20)], over);
    expect(whyNotComparable(base, other)).toEqual([expect.stringMatching(reason)]);
    const found = beside(base, other);
    expect(found.rows.every(({ against }) => against.every((one) => one === null))).toBe(true);
    expect(sentences(found)[0]).toMatch(/^B and A are not ranked: /);
    for (const text of [sideBySideMarkdown(found), sideBySidePage(found)]) {
      expect(text).not.toContain('÷');
      expect(text).toContain('are not ranked');
    }
  });

  it('list all reasons at once, and keep the others compared', () => {
    const other = run([cpu('a', 20)], { environment: { ...clean, node: 'v1.0.0', redis: null } });
    expect(whyNotComparable(base, other)).toHaveLength(3);
    const found = beside(base, other, run([cpu('a', 20)]));
    expect(found.rows[0]?.against.map((one) => one?.outcome ?? null)).toEqual([null, null, 'more']);
    expect(sideBySideMarkdown(found)).toContain('| Figure | C ÷ A | A | B | C |');
  });
});

it('every row has as many cells as its head, and a malicious run creates no markup', () => {
  const attack = 'x` | <img src=x onerror=alert(1)> [y](javascript:z) @octocat';
  const hostile = run([cpu(attack, 10)], { commandLine: attack, environment: { ...clean, node: attack } });
  const found = sideBySide([
    { name: attack, run: hostile },
    { name: 'b', run: run([cpu(attack, 20)]) },
  ]);
  const markdown = sideBySideMarkdown(found);
  for (const line of markdown.split('\n').filter((one) => one.startsWith('| A') || one.startsWith('| B')))
    expect(line.split(/(?<!\\)\|/)).toHaveLength(10);
  expect(markdown).not.toMatch(/<img|(?<!\\)\]\(|@octocat/);
  expect(sideBySidePage(found)).not.toContain('<img');
});
