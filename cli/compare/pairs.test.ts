import { expect, it } from 'vitest';
import { EXIT, environmentError, runError } from '../../core/errors.ts';
import { compareCases } from '../../regression/compare/junit.ts';
import { type CompareReport, faultsOf } from '../../regression/compare/report.ts';
import { matrixMarkdown, matrixText } from '../../regression/packages/matrix.ts';
import { compareMarkdown } from '../../regression/report/markdown.ts';
import { measurePairs } from './pairs.ts';

const reportOf = (name: string, failure: string | null = null): CompareReport => ({
  command: 'npm run compare',
  startedAt: '2026-01-01T00:00:00Z',
  base: { label: `base (${name} 1.0.0)`, commit: null, node: 'v1', code: 'a' },
  head: { label: `head (${name} 2.0.0)`, commit: null, node: 'v1', code: 'b' },
  ...{ marginPct: 2, confidence: 0.99, seed: 1, seconds: 1, interrupted: false, identical: false, unsafe: false },
  ...{ security: [], arms: [], regressions: [], thresholds: [], notes: [], machineClass: 'm', rates: null },
  asked: { arms: ['none'], metrics: ['cpu_us_per_request'], budgetSeconds: 60, instructionsMarginPct: null },
  confirmation: null,
  failure,
});
const signal = new AbortController().signal;

it('keeps the results of other pairs if one cannot be compared, and fails', async () => {
  const measure = async (name: string) => {
    if (name === 'b') throw environmentError('b 1.0.0 does not start', 'choose another version');
    return reportOf(name);
  };
  const { reports, exitCode } = await measurePairs(['a', 'b', 'c'], measure, reportOf, signal);
  expect(exitCode).toBe(EXIT.environment);
  expect(reports.map(({ base }) => base.label)).toEqual(['base (a 1.0.0)', 'base (b 1.0.0)', 'base (c 1.0.0)']);
  const says = 'it could not be compared: b 1.0.0 does not start (choose another version)';
  expect(reports.flatMap(faultsOf)).toEqual([says]);
  expect(matrixText(reports)).toContain(`b 1.0.0 → 2.0.0: ${says}`);
  expect(matrixMarkdown(reports)).toMatch(/3 pairs of versions, something could not be compared/);
  expect(compareMarkdown(reports[1] as CompareReport)).toContain('does not start');
  expect(reports.flatMap(compareCases)).toMatchObject([{ name: 'measurement', outcome: 'failed', message: says }]);
});

it('gives the error of a single pair as it is, and those that are no fault of the pair', async () => {
  const died = async () => {
    throw runError('a replica died', 'look at its log');
  };
  await expect(measurePairs(['a'], died, reportOf, signal)).rejects.toThrow('a replica died');
  const broken = async () => {
    throw new TypeError('a bug');
  };
  await expect(measurePairs(['a', 'b'], broken, reportOf, signal)).rejects.toThrow('a bug');
});
