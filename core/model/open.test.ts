import { expect, it } from 'vitest';
import { erlangC, openQueue, waitQuantile } from './open.ts';

it('gives Erlang’s probabilities of waiting', () => {
  // M/M/1 waits with probability ρ; two servers half busy: 1/3; three servers at two erlangs: 4/9.
  expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
  expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
  expect(erlangC(3, 2)).toBeCloseTo(4 / 9, 12);
  // A call centre from the tables: 10 erlangs, 14 agents.
  expect(erlangC(14, 10)).toBeCloseTo(0.1741, 4);
  expect([erlangC(3, 0), erlangC(3, 3), erlangC(3, 9)]).toEqual([0, 1, 1]);
  expect(erlangC(5_000, 4_990)).toBeGreaterThan(0.8);
});

it('gives the means of M/M/1 and of M/M/3', () => {
  const one = openQueue({ arrivalRate: 8, service: 0.1, servers: 1 });
  expect(one.utilisation).toBeCloseTo(0.8, 12);
  expect(one.response).toBeCloseTo(0.5, 12);
  expect(one.present).toBeCloseTo(4, 12);
  // λ = 2, s = 1, c = 3: Lq = 8/9, so W = 1 + 4/9.
  const three = openQueue({ arrivalRate: 2, service: 1, servers: 3 });
  expect(three.wait).toBeCloseTo(4 / 9, 12);
  expect(three.response).toBeCloseTo(13 / 9, 12);
});

it('has no finite times beyond capacity', () => {
  expect(openQueue({ arrivalRate: 10, service: 0.1, servers: 1 }).response).toBe(Number.POSITIVE_INFINITY);
  expect(waitQuantile({ arrivalRate: 11, service: 0.1, servers: 1 }, 0.5)).toBe(Number.POSITIVE_INFINITY);
});

it('gives quantiles of the wait: zero, or exponential', () => {
  const queue = { arrivalRate: 8, service: 0.1, servers: 1 };
  expect(waitQuantile(queue, 0.1)).toBe(0);
  // P(W > t) = ρ·exp(−(μ − λ)t)
  const t = waitQuantile(queue, 0.95);
  expect(0.8 * Math.exp(-2 * t)).toBeCloseTo(0.05, 12);
});
