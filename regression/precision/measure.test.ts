import { expect, it } from 'vitest';
import { estimateSeconds, plantedIterations, wrkRatioOf } from './measure.ts';

it('reads the ratio to wrk as JSON, and from the text of older builds', () => {
  expect(wrkRatioOf('{"ratio":{"value":0.97,"low":0.92,"high":1.02},"connections":10}')).toMatchObject({
    value: 0.97,
    low: 0.92,
  });
  const old = 'closed loop over wrk: 0.851 [0.743–0.960], 10 connections, 4 forks of 4 blocks\n';
  expect(wrkRatioOf(old)).toEqual({ value: 0.851, low: 0.743, isGeneratorLimited: false });
  const limited = 'closed loop / wrk: 0.851 [0.743–0.960], limited by the closed loop itself\n';
  expect(wrkRatioOf(limited)).toMatchObject({ value: 0.851, isGeneratorLimited: true });
  const json = '{"ratio":{"value":0.9,"low":0.8,"high":1},"isGeneratorLimited":true}';
  expect(wrkRatioOf(json)).toEqual({ value: 0.9, low: 0.8, isGeneratorLimited: true });
  expect(wrkRatioOf('wrk failed')).toBeNull();
  expect(wrkRatioOf('{}')).toBeNull();
});

it('estimates more time for more runs, and none for rows that are not requested', () => {
  const one = { builds: {}, steps: ['toll'], runs: 1, aaRuns: 0, budgetSeconds: null } as const;
  expect(estimateSeconds(one)).toBe(0);
});

it('plants as many iterations as add five percent to a request, based on a pilot', () => {
  // The pilot doubled the cost, so that a twentieth of its iterations adds a twentieth of it.
  expect(plantedIterations(2)).toBe(600);
  expect(plantedIterations(1.5)).toBe(1200);
  expect(() => plantedIterations(0.99)).toThrow(/pilot/);
});
