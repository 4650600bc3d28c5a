import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { type ClosedStation, solveClosed } from './closed.ts';
import { EventQueue } from './event-queue.ts';
import { type FleetNetwork, SimulationError, simulate } from './simulation.ts';

const LONE: FleetNetwork = {
  replicas: 1,
  replicaDemand: 0.01,
  discipline: 'fifo',
  redisRate: null,
  redisRtt: 0,
  service: 'exponential',
};

it('returns events by time, and equal times in insertion order', () => {
  const random = createRandom(3);
  const queue = new EventQueue<string>();
  const times = Array.from({ length: 500 }, () => random.integer(40));
  for (const [index, time] of times.entries()) queue.push(time, `${time}/${index}`);
  const sorted = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time || a.index - b.index);
  expect(times.map(() => queue.pop())).toEqual(sorted.map(({ time, index }) => `${time}/${index}`));
  expect(queue.pop()).toBeUndefined();
  expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY);
});

describe('an open load', () => {
  it.each(['fifo', 'sharing'] as const)('has the mean, and for %s the utilisation, of M/M/1', (discipline) => {
    const simulated = simulate(
      { ...LONE, discipline },
      { kind: 'open', arrivalRate: 70 },
      { seed: 1, requests: 200_000 },
    );
    expect(simulated.response / (0.01 / 0.3)).toBeCloseTo(1, 1);
    expect(simulated.replicaUtilisation).toBeCloseTo(0.7, 1);
    expect(simulated.throughput / 70).toBeCloseTo(1, 1);
  });

  it('has the exponential quantiles of M/M/1, first come first served', () => {
    const { quantile } = simulate(LONE, { kind: 'open', arrivalRate: 50 }, { seed: 2, requests: 200_000 });
    for (const q of [0.5, 0.9, 0.99]) expect(quantile(q) / (-Math.log(1 - q) * 0.02)).toBeCloseTo(1, 1);
  });

  it('halves the wait for constant service times, by Pollaczek–Khinchine', () => {
    const { response } = simulate(
      { ...LONE, service: 'constant' },
      { kind: 'open', arrivalRate: 80 },
      { seed: 3, requests: 200_000 },
    );
    // W = s + ρs / 2(1 − ρ)
    expect(response / (0.01 + (0.8 * 0.01) / 0.4)).toBeCloseTo(1, 1);
  });

  it('reports an overload', () => {
    const tooMuch = () => simulate(LONE, { kind: 'open', arrivalRate: 1000 }, { seed: 1, requests: 1e6 });
    expect(tooMuch).toThrow(SimulationError);
  });
});

describe('a closed load agrees with the exact solution within 3 %', () => {
  const demand = 0.15e-3 / 0.07;
  const users = 20;
  const cases = [0.002, 0.01, 0.04, 1].flatMap((share) => [1, 2, 4, 8].map((replicas) => ({ share, replicas })));
  it.each(cases)('Redis with $share of a core, $replicas replicas', ({ share, replicas }) => {
    // A wake-up of 20 µs and 5 µs for each command in the batch.
    const rate = (present: number) => (share * present) / (20e-6 + 5e-6 * present);
    const exact = (station: ClosedStation) =>
      solveClosed(
        [station, { kind: 'load-dependent', name: 'redis', rate }, { kind: 'delay', name: 'wire', demand: 300e-6 }],
        users * replicas,
      ).throughput;
    const fleet: FleetNetwork = {
      replicas,
      replicaDemand: demand,
      discipline: 'sharing',
      redisRate: rate,
      redisRtt: 200e-6,
      service: 'exponential',
    };
    const load = { kind: 'closed', users: users * replicas, think: 100e-6 } as const;
    const options = { seed: 5, requests: 40_000 };
    const random = simulate(fleet, { ...load, routing: 'random' }, options).throughput;
    const bound = simulate({ ...fleet, discipline: 'fifo' }, { ...load, routing: 'bound' }, options).throughput;
    const byRequest = exact({ kind: 'queue', name: 'replicas', demand, copies: replicas });
    const byConnection = exact({ kind: 'servers', name: 'replicas', demand, servers: replicas });
    expect(Math.abs(random / byRequest - 1)).toBeLessThan(0.03);
    expect(Math.abs(bound / byConnection - 1)).toBeLessThan(0.03);
  });
});

it('keeps every replica busy if its users are bound to it, whatever its discipline', () => {
  const load = { kind: 'closed', users: 12, think: 0, routing: 'bound' } as const;
  for (const discipline of ['fifo', 'sharing'] as const) {
    const fleet: FleetNetwork = { ...LONE, replicas: 4, discipline };
    for (let seed = 1; seed <= 10; seed++) {
      const { throughput, replicaUtilisation } = simulate(fleet, load, { seed, requests: 4_000 });
      expect(replicaUtilisation).toBeCloseTo(1, 9);
      expect(throughput / 400).toBeGreaterThan(0.93);
    }
  }
});

it('gives the same result for the same seed and another for another', () => {
  const run = (seed: number) => simulate(LONE, { kind: 'open', arrivalRate: 50 }, { seed, requests: 2_000 }).response;
  expect(run(7)).toBe(run(7));
  expect(run(7)).not.toBe(run(8));
});
