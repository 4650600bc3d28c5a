import { expect, it } from 'vitest';
import { erlangB, erlangC, OpenQueueError, openQueue, waitQuantile } from './open.ts';

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

it('gives the numbers that textbooks print: P₀, Lq and the loss of Erlang', () => {
  // λ = 2, s = 1, c = 3: P₀ = 1 / (1 + 2 + 2 + 8/6 · 3) = 1/9, Lq = 8/9.
  const { idle, waiting, waits, present } = openQueue({ arrivalRate: 2, service: 1, servers: 3 });
  expect(idle).toBeCloseTo(1 / 9, 12);
  expect(waiting).toBeCloseTo(8 / 9, 12);
  expect(waits).toBeCloseTo(4 / 9, 12);
  expect(present).toBeCloseTo(2 + 8 / 9, 12);
  expect(openQueue({ arrivalRate: 8, service: 0.1, servers: 1 }).idle).toBeCloseTo(0.2, 12);
  expect(openQueue({ arrivalRate: 0, service: 0.1, servers: 2 })).toMatchObject({ idle: 1, waiting: 0, present: 0 });
  // A large office: 5,000 servers at 4,990 erlangs are never all free.
  expect(openQueue({ arrivalRate: 4990, service: 1, servers: 5000 }).idle).toBeGreaterThanOrEqual(0);
  // Two servers at one erlang: 0.5 / (1 + 1 + 0.5).
  expect(erlangB(2, 1)).toBeCloseTo(0.2, 12);
});

it('refuses what is no queue', () => {
  for (const servers of [0, -1, 1.5, Number.NaN]) {
    expect(() => openQueue({ arrivalRate: 1, service: 0.1, servers })).toThrow(OpenQueueError);
    expect(() => erlangC(servers, 0.5)).toThrow(OpenQueueError);
  }
  expect(() => openQueue({ arrivalRate: -1, service: 0.1, servers: 1 })).toThrow(/rate of arrivals/);
  expect(() => openQueue({ arrivalRate: 1, service: Number.NaN, servers: 1 })).toThrow(/service time/);
  expect(() => erlangC(2, -1)).toThrow(/load/);
  expect(() => waitQuantile({ arrivalRate: 1, service: 0.1, servers: 1 }, 1)).toThrow(/quantile/);
});
