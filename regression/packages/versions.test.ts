import { describe, expect, it } from 'vitest';
import type { ArmComparison } from '../compare/compare.ts';
import type { CompareReport } from '../compare/report.ts';
import type { Verdict } from '../compare/verdict.ts';
import { matrixMarkdown, matrixText, pairName } from './matrix.ts';
import { manifestIn, notDependencies, readNodePair, readPackagePair, withVersion } from './versions.ts';

describe('a pair of versions', () => {
  it('is read with its scope, and for Node.js with or without the v', () => {
    const faults: string[] = [];
    expect(readPackagePair(['@fastify/session@11.1.2', '@fastify/session@11.1.3'], faults)).toEqual({
      ...{ name: '@fastify/session', base: '11.1.2', head: '11.1.3' },
    });
    expect(readNodePair(['v26.9.0', '26.10.0'], faults)).toEqual({ name: 'node', base: '26.9.0', head: '26.10.0' });
    expect(faults).toEqual([]);
  });

  it.each([
    [['fast-jwt', 'fast-jwt@1.0.0'], /give both versions/],
    [['fast-jwt@1.0.0', 'ioredis@1.0.0'], /these are two packages/],
    [['fast-jwt@^1.0.0', 'fast-jwt@latest'], /"\^1\.0\.0", "latest" must be exact/],
    [['fast-jwt@1.0.0', 'fast-jwt@1.0.0'], /both are 1\.0\.0/],
    [['../x@1.0.0', '../x@1.0.1'], /give both versions/],
    [['--x@1.0.0', '--x@1.0.1'], /give both versions/],
  ] as const)('%j is refused in words', (words, reason) => {
    const faults: string[] = [];
    expect(readPackagePair(words as unknown as [string, string], faults)).toBeNull();
    expect(faults).toEqual([expect.stringMatching(reason)]);
  });
});

describe('a manifest', () => {
  const manifest = manifestIn('{"name":"x","dependencies":{"fast-jwt":"1.0.0"},"devDependencies":{"node":"26.0.0"}}');

  it('reports names that are no dependency, with suggestions', () => {
    const pair = { base: '1.0.0', head: '1.0.1' };
    expect(
      notDependencies(
        [
          { name: 'fast-jwt', ...pair },
          { name: 'fast-jwy', ...pair },
        ],
        manifest,
      ),
    ).toEqual([expect.stringMatching(/^fast-jwy is not a dependency in package\.json: .*fast-jwt/)]);
  });

  it('gets another version where it names the package, and is otherwise unchanged', () => {
    if (manifest === null) throw new Error('it can be read');
    const changed = withVersion(manifest, 'node', '26.1.0');
    expect(changed).toEqual({
      ...{ name: 'x', dependencies: { 'fast-jwt': '1.0.0' }, devDependencies: { node: '26.1.0' } },
      overrides: { node: '26.1.0' },
    });
    expect(manifest.devDependencies?.node).toBe('26.0.0');
  });
});

describe('a matrix', () => {
  const arm = (name: string, value: number, verdict: Verdict = 'same'): ArmComparison => ({
    arm: name,
    presence: 'both',
    guards: [{ metric: 'response_bytes', base: 1, head: 2, error: 0, verdict: 'more' }],
    instructions: null,
    costs: [
      {
        metric: 'cpu_us_per_request',
        judged: {
          verdict,
          ratio: { value, low: value - 0.01, high: value + 0.01, confidence: 0.99, blocks: 9, forks: 9 },
        },
        ...{ baseUs: 50, headUs: 50 * value, parts: null, forks: 9, seconds: 40, pinned: true, isWarm: true },
        ...{ minutesNeeded: 0, logRatios: [] },
      },
    ],
    counters: null,
  });
  const build = (label: string) => ({ label, commit: null, node: 'v26', code: '' });
  const report = (name: string, arms: readonly ArmComparison[]): CompareReport => ({
    command: '',
    startedAt: '',
    base: build(`base (${name} 1.0.0)`),
    head: build(`head (${name} 1.0.1)`),
    ...{ marginPct: 2, confidence: 0.99, seed: 1, seconds: 1, interrupted: false, identical: false, unsafe: false },
    ...{ security: [], arms, regressions: [], thresholds: [], notes: [], machineClass: '', rates: null },
    asked: { arms: [], metrics: [], budgetSeconds: 1, instructionsMarginPct: null },
    confirmation: null,
    failure: null,
  });
  const reports = [report('fast-jwt', [arm('a|b', 1.001)]), report('ioredis', [])];

  it('shows each arm by each pair, on the terminal and as Markdown', () => {
    expect(reports.map(pairName)).toEqual(['fast-jwt 1.0.0 → 1.0.1', 'ioredis 1.0.0 → 1.0.1']);
    expect(matrixText(reports)).toBe(
      'a|b\n  fast-jwt 1.0.0 → 1.0.1: 1.001 [0.991–1.011] same; more response_bytes\n  ioredis 1.0.0 → 1.0.1: not measured\n',
    );
    const markdown = matrixMarkdown(reports);
    expect(markdown).toMatch(/2 pairs of versions, something got worse/);
    // The worst need not come first.
    expect(matrixMarkdown([...reports, report('jose', [arm('c', 1.1, 'slower')])])).toMatch(
      /3 pairs of versions, something got slower/,
    );
    expect(markdown).toContain('| a\\|b | 1.001 \\[0.991–1.011\\] same; more response\\_bytes |  |');
  });
});
