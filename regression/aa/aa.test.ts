import { expect, it } from 'vitest';
import { iterationsFor, summarise } from './aa.ts';
import type { AaFork, Rule } from './rates.ts';

it('injects in proportion to the pilot’s cost', () => {
  // The pilot’s 4,000 iterations made a request cost half as much again: 5 % is a tenth of that.
  expect(iterationsFor(5, 1.5)).toBe(400);
  expect(iterationsFor(2, 3)).toBe(40);
});

it('reports the uncertainty of a slowdown measured in few forks, by Student’s t', () => {
  const logs = [0.04, 0.045, 0.05, 0.055, 0.06];
  const forks = logs.map(
    (log): AaFork => ({
      ...{ arm: 'a', machineClass: 'm', version: '1', at: '2026-01-01T00:00:00Z', seconds: 10, referenceUs: 50 },
      logRatios: { '0': 0, '5': log },
      gcLogRatios: {},
    }),
  );
  const rule: Rule = { slowdownPct: 5, seconds: 30, marginPct: null, target: null };
  const measured = summarise('a', [rule], forks).detections[0]?.measuredPct;
  // A standard deviation of 0.0079057 in five forks, and t of four degrees: 2.7764.
  const half = (2.7764 * 0.0079057) / Math.sqrt(5);
  expect(measured?.value).toBeCloseTo(100 * Math.expm1(0.05), 6);
  expect(measured?.high).toBeCloseTo(100 * Math.expm1(0.05 + half), 2);
  expect(measured?.low).toBeCloseTo(100 * Math.expm1(0.05 - half), 2);
});
