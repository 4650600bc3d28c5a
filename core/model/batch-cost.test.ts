import { expect, it } from 'vitest';
import { batchRate, costAt, fitBatchCost, fullRate, wakeUpsPerRequest } from './batch-cost.ts';

it('shares a wake-up as a geometric queue does', () => {
  for (const rho of [0.1, 0.5, 0.9]) {
    // E[1/n | n ≥ 1] with P(n) = (1 − ρ)ρ^(n − 1), summed by hand.
    let sum = 0;
    for (let n = 1; n < 2_000; n++) sum += ((1 - rho) * rho ** (n - 1)) / n;
    expect(wakeUpsPerRequest(rho)).toBeCloseTo(sum, 9);
  }
  expect([wakeUpsPerRequest(0), wakeUpsPerRequest(1), wakeUpsPerRequest(1.2)]).toEqual([1, 0, 0]);
});

it('recovers the two parts of the costs, and predicts a busier server from them', () => {
  const truth = { wakeUs: 28, requestUs: 5 };
  const samples = [0.1, 0.3, 0.6].map((utilisation) => ({ utilisation, cpuUsPerRequest: costAt(truth, utilisation) }));
  const fitted = fitBatchCost(samples);
  expect(fitted?.wakeUs).toBeCloseTo(28, 9);
  expect(fitted?.requestUs).toBeCloseTo(5, 9);
  expect(costAt(truth, 0)).toBe(33);
  expect(fullRate(truth, 0.04)).toBeCloseTo(8_000, 9);
  expect(batchRate(truth, 1)(1)).toBeCloseTo(1e6 / 33, 9);
  expect(batchRate(truth, 1)(1e9)).toBeCloseTo(2e5, 0);
});

it('does not extrapolate savings that it has not seen', () => {
  const idle = [0.01, 0.02, 0.04].map((utilisation, i) => ({ utilisation, cpuUsPerRequest: 14 - i }));
  expect(fitBatchCost(idle)).toEqual({ wakeUs: 0, requestUs: 13 });
  const rising = [0.2, 0.8].map((utilisation) => ({ utilisation, cpuUsPerRequest: 10 + utilisation }));
  expect(fitBatchCost(rising)?.wakeUs).toBe(0);
  const toNothing = [0.49, 0.51].map((utilisation, i) => ({ utilisation, cpuUsPerRequest: 10 - 5 * i }));
  expect(fitBatchCost(toNothing)).toEqual({ wakeUs: 0, requestUs: 5 });
  expect(fitBatchCost([])).toBeNull();
});
