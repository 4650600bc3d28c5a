import { expect, it } from 'vitest';
import { annotation } from '../report/annotations.ts';
import { compareMarkdown } from '../report/markdown.ts';
import type { ArmComparison, CostComparison } from './compare.ts';
import { figuresOf } from './figures.ts';
import { compareCases, junitXml } from './junit.ts';
import { regressionsOf } from './regressions.ts';
import { type CompareReport, compareText, faultsOf, warningsOf } from './report.ts';
import type { Verdict } from './verdict.ts';

function cost(verdict: Verdict, value: number, minutesNeeded: number | null = 0): CostComparison {
  return {
    metric: 'cpu_us_per_request',
    judged: {
      verdict,
      ratio: { value, low: value - 0.01, high: value + 0.01, confidence: 0.99, blocks: 9, forks: 9 },
    },
    baseUs: 50,
    headUs: 50 * value,
    parts: null,
    forks: 9,
    seconds: 40,
    pinned: true,
    isWarm: true,
    minutesNeeded,
    logRatios: [Math.log(value)],
  };
}
const arm = (name: string, costs: CostComparison[], presence: ArmComparison['presence'] = 'both'): ArmComparison => ({
  arm: name,
  presence,
  guards: [],
  instructions: null,
  costs,
  counters: null,
});
const ASKED_TWICE: ArmComparison = {
  ...arm('session-redis', []),
  guards: [{ metric: 'redis_commands_per_request', base: 1, head: 2, error: 0, verdict: 'more' }],
};

function report(arms: readonly ArmComparison[]): CompareReport {
  return {
    command: 'npm run compare -- --base main',
    startedAt: '2026-01-01T00:00:00Z',
    base: { label: 'base (abc <script>|)', commit: 'abc', node: 'v1', code: 'a' },
    head: { label: 'head (the working tree)', commit: null, node: 'v2', code: 'b' },
    marginPct: 2,
    confidence: 0.99,
    seed: 1,
    seconds: 80,
    interrupted: false,
    identical: false,
    unsafe: false,
    security: [],
    arms,
    regressions: regressionsOf(arms),
    thresholds: [],
    notes: [],
    machineClass: 'a machine',
    failure: null,
    asked: { arms: ['none'], metrics: ['cpu_us_per_request'], budgetSeconds: 60, instructionsMarginPct: null },
    rates: null,
    confirmation: null,
  };
}

it('passes if everything is the same, and says so in one word', () => {
  const green = report([arm('none', [cost('same', 1)])]);
  expect(faultsOf(green)).toEqual([]);
  expect(compareText(green)).toMatch(/same: no arm got slower\.\n$/);
});

it('fails for what got slower and for what rose, and names both', () => {
  const red = report([arm('none', [cost('slower', 1.05)]), ASKED_TWICE]);
  expect(faultsOf(red)).toEqual([
    'none: cpu_us_per_request is 1.050 × the base’s, 99 % interval 1.040 to 1.060',
    'session-redis: redis_commands_per_request rose from 1 to 2',
  ]);
  expect(compareMarkdown(red)).toMatch(/^<!-- tollgate-compare -->\n## Tollgate: something got slower/);
  // A request that asks Redis once more was not shown to take more time.
  expect(compareMarkdown(report([ASKED_TWICE]))).toMatch(/## Tollgate: something got worse/);
});

it('does not present inconclusive results as the same', () => {
  const open = report([arm('none', [cost('cannot-tell', 1.01, 3.2)]), arm('x', [cost('cannot-tell', 1.02, null)])]);
  expect(faultsOf(open)).toEqual([]);
  expect(compareText(open)).toMatch(
    /needs about 4 more minutes[\s\S]*close to the margin[\s\S]*some results are inconclusive/,
  );
});

it('reports different versions of Node, and arms that one lacks', () => {
  expect(compareText(report([arm('none', [], 'only-in-head')]))).toMatch(/only in head[\s\S]*v1 and v2/);
});

it('gives a reviewer the cause of a confirmed regression right after the failures', () => {
  const shift = { package: 'own code', baseUs: 0, headUs: 21, difference: { value: 21, low: 9, high: 30 } };
  const shifts = {
    ...{ starts: 4, confidence: 0.95, compared: { packages: 19, functions: 61 } },
    packages: [{ ...shift, name: null, file: null, line: null }],
    functions: [{ ...shift, name: 'inspect', file: 'servers/schemes/jwt.ts', line: 10 }],
  };
  const flame = { name: 'jwt', package: 'own code', file: '', baseUs: 0, headUs: 21, children: [] };
  const slower = report([arm('jwt', [cost('slower', 1.2)])]);
  const confirmed: CompareReport = {
    ...slower,
    notes: ['A note.'],
    confirmation: {
      ...{ startedAt: slower.startedAt, seconds: 60, seed: 2, interrupted: false, fromFile: false },
      machineClasses: ['m', 'm'],
      findings: [],
      errorRate: { questions: 1, single: 0.01, joint: 0.0001 },
      arms: slower.arms,
      explanation: {
        arms: [{ arm: 'jwt', shifts, flame, guards: [], unprofiled: null }],
        ...{ packages: [], runtime: [], unprofiled: null },
      },
    },
  };
  const markdown = compareMarkdown(confirmed);
  expect(markdown).toMatch(
    /\n### Where it comes from\n\n- jwt: where a request spends more[^\n]*\n {2}- own code: [^\n]*\n {2}- inspect, servers\/schemes\/jwt\.ts:10: \+21\.00 µs/,
  );
  const places = ['Where it comes from', '| arm | metric |', 'A note.', 'Measured again'].map((one) =>
    markdown.indexOf(one),
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(markdown.match(/inspect, servers/g)).toHaveLength(1);
  expect(markdown).not.toContain('flame graph');
  expect(compareMarkdown(confirmed, '/runner/temp/compare.svg')).toMatch(
    /- The flame graph of base and head is in compare.{0,1}\.svg\./,
  );
  expect(compareText(confirmed)).toMatch(/ {2}inspect, servers\/schemes\/jwt\.ts:10: \+21\.00 µs/);
});

it('lets no name break the table of a comment', () => {
  expect(compareMarkdown(report([]))).toContain('base (abc &lt;script&gt;\\|)');
  const named = compareMarkdown(report([arm('![x](//y) @octocat `z`', [], 'only-in-head')]));
  expect(named).not.toMatch(/(?<!\\)[[`]|@octocat/);
});

it('gives CI a failed test for a regression and a skipped one for an inconclusive result', () => {
  const arms = [
    arm('a', [cost('slower', 1.05)]),
    arm('b', [cost('cannot-tell', 1, 2)]),
    arm('c', [cost('faster', 0.9)]),
  ];
  const cases = compareCases(report(arms));
  expect(cases.map(({ suite, outcome }) => [suite, outcome])).toEqual([
    ['a', 'failed'],
    ['b', 'skipped'],
    ['c', 'passed'],
  ]);
  const xml = junitXml('x', [{ suite: 'a"<&', name: 'n\u0001', seconds: 1, outcome: 'failed', message: '1 > 0' }]);
  expect(xml).toContain('<testsuites tests="1" failures="1" errors="0" skipped="0" time="1.000">');
  expect(xml).toContain(
    'classname="a&quot;&lt;&amp;" name="n␁" time="1.000"><failure message="1 &gt; 0">1 &gt; 0</failure>',
  );
  const odd = junitXml('x', [{ suite: '\ud800', name: '\u001b\u009b', seconds: 1, outcome: 'passed', message: '' }]);
  expect(odd.isWellFormed()).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(odd).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

it('applies limits to counts and the ratio to the base, but not to the µs of code that was optimised sooner', () => {
  const figures = figuresOf([arm('none', [cost('same', 1)]), ASKED_TWICE]);
  expect(figures.map(({ metric, value }) => [metric, value])).toEqual([
    ['cpu_ratio_to_base', 1],
    ['redis_commands_per_request', 2],
  ]);
});

it('keeps an annotation on one line', () => {
  expect(annotation('error', 'a: b, c', '50 %\nmore')).toBe('::error title=a%3A b%2C c::50 %25%0Amore');
});

it('warns of inconclusive results, and of checks that both builds fail', () => {
  const unknown = report([arm('none', [cost('cannot-tell', 1.02, 3)])]);
  expect(warningsOf(unknown)).toEqual(['none: cpu_us_per_request is inconclusive: needs about 3 more minutes']);
  const finding = { check: 39, name: 'not cached', base: 'fail', head: 'fail', detail: 'seen' } as const;
  const alike = { ...report([]), security: [{ arm: 'jwt', checks: 9, faults: [], alike: [finding] }] };
  expect(warningsOf(alike)).toEqual(['jwt: security check 39 (not cached) fails in head, as in base: seen']);
  expect(faultsOf(alike)).toEqual([]);
});

it('includes start time and duration in JUnit', () => {
  const xml = junitXml('x', [], report([]));
  expect(xml).toContain('<testsuite name="x" timestamp="2026-01-01T00:00:00" tests="0"');
  expect(xml).toContain('time="80.000"');
});

it('calls a cost without a measurement inconclusive, and prints no NaN', () => {
  const never = { ...cost('cannot-tell', Number.NaN, null), baseUs: Number.NaN, headUs: Number.NaN };
  const one = report([arm('hybrid', [never])]);
  expect(compareText(one)).toMatch(/inconclusive: it was not measured on both sides/);
  expect(compareText(one)).not.toContain('NaN');
  expect(compareMarkdown(one)).not.toContain('NaN');
  expect(warningsOf(one).join()).not.toContain('NaN');
});
