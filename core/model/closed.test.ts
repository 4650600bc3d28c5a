import { describe, expect, it } from 'vitest';
import { asymptoticBounds } from './bounds.ts';
import { ClosedNetworkError, type ClosedStation, solveClosed } from './closed.ts';

/** Lazowska et al., Quantitative System Performance (1984), table 6.2: a CPU, two disks, users who think for 15 s. */
const LAZOWSKA: readonly ClosedStation[] = [
  { kind: 'queue', name: 'cpu', demand: 0.605 },
  { kind: 'queue', name: 'disk 1', demand: 2.1 },
  { kind: 'queue', name: 'disk 2', demand: 1.35 },
  { kind: 'delay', name: 'users', demand: 15 },
];

/** P(n machines broken), n = 0..machines, by the closed form of the machine-repairman model. */
function brokenMachines(machines: number, repairmen: number, up: number, repair: number): number[] {
  const weights = [1];
  for (let n = 1; n <= machines; n++) {
    const birth = (machines - n + 1) / up;
    weights.push((weights[n - 1] ?? 0) * (birth / (Math.min(n, repairmen) / repair)));
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** The textbook recursion over marginal probabilities, accurate away from saturation. */
function textbookLoadDependent(demand: number, rate: (n: number) => number, think: number, population: number) {
  let queue = 0;
  let p = [1];
  let throughput = 0;
  for (let n = 1; n <= population; n++) {
    const loadDependent = p.reduce((sum, probability, j) => sum + ((j + 1) / rate(j + 1)) * probability, 0);
    const residence = demand * (1 + queue);
    throughput = n / (loadDependent + residence + think);
    queue = throughput * residence;
    const next = p.map((probability, j) => (throughput / rate(j + 1)) * probability);
    p = [1 - next.reduce((a, b) => a + b, 0), ...next];
  }
  return throughput;
}

describe('stations of a fixed rate', () => {
  it('gives the textbook’s throughput, queues and response by population', () => {
    const { throughputBy, response, queueLength } = solveClosed(LAZOWSKA, 3);
    expect([...throughputBy].map((x) => Number(x.toFixed(4)))).toEqual([0, 0.0525, 0.1031, 0.1515]);
    expect(response).toBeCloseTo(4.8, 2);
    expect(queueLength.get('cpu')).toBeCloseTo(0.0976, 3);
    expect(queueLength.get('disk 1')).toBeCloseTo(0.3946, 3);
    expect(queueLength.get('disk 2')).toBeCloseTo(0.235, 3);
  });

  it('solves a balanced network of K stations by the closed form N / (D(N + K − 1))', () => {
    const stations = [1, 2, 3].map((n): ClosedStation => ({ kind: 'queue', name: `${n}`, demand: 0.2 }));
    expect(solveClosed(stations, 10).throughput).toBeCloseTo(10 / (0.2 * 12), 12);
    const copies = solveClosed([{ kind: 'queue', name: 'all', demand: 0.6, copies: 3 }], 10);
    expect(copies.throughput).toBeCloseTo(10 / (0.2 * 12), 12);
    expect(copies.queueLength.get('all')).toBeCloseTo(10, 12);
  });

  it('stays within the operational bounds, and reaches them at both ends', () => {
    const demands = [0.605, 2.1, 1.35];
    for (const population of [1, 2, 5, 10, 20, 100, 1000]) {
      const { throughput } = asymptoticBounds({ demands, delay: 15, population });
      const solved = solveClosed(LAZOWSKA, population).throughput;
      expect(solved).toBeLessThanOrEqual(throughput.high * (1 + 1e-12));
      expect(solved).toBeGreaterThanOrEqual(throughput.low * (1 - 1e-12));
    }
    expect(asymptoticBounds({ demands, delay: 15, population: 1 }).throughput.high).toBeCloseTo(1 / 19.055, 12);
    expect(solveClosed(LAZOWSKA, 1000).throughput).toBeCloseTo(1 / 2.1, 6);
    expect(asymptoticBounds({ demands, delay: 15, population: 1 }).knee).toBeCloseTo(19.055 / 2.1, 12);
  });
});

describe('stations with a load-dependent rate', () => {
  it.each([
    [5, 1],
    [6, 2],
    [10, 3],
    [4, 8],
  ])('solves %i machines and %i repairmen as the closed form does', (machines, repairmen) => {
    const [up, repair] = [10, 4];
    const broken = brokenMachines(machines, repairmen, up, repair);
    const solved = solveClosed(
      [
        { kind: 'delay', name: 'running', demand: up },
        { kind: 'servers', name: 'repair', demand: repair, servers: repairmen },
      ],
      machines,
    );
    const mean = broken.reduce((sum, probability, n) => sum + n * probability, 0);
    expect(solved.queueLength.get('repair')).toBeCloseTo(mean, 10);
    expect(solved.throughput).toBeCloseTo((machines - mean) / up, 10);
    expect(solved.response).toBeCloseTo(mean / solved.throughput, 10);
  });

  it('gives the same as the textbook recursion over marginal probabilities', () => {
    const rate = (n: number) => n / (0.3 + 0.05 * n);
    for (const population of [1, 2, 5, 12]) {
      const solved = solveClosed(
        [
          { kind: 'queue', name: 'one', demand: 0.2 },
          { kind: 'delay', name: 'wire', demand: 1 },
          { kind: 'load-dependent', name: 'batches', rate },
        ],
        population,
      );
      expect(solved.throughput).toBeCloseTo(textbookLoadDependent(0.2, rate, 1, population), 9);
    }
  });

  it('is the same whether one server is given as a queue, as servers or by its rate', () => {
    const other: ClosedStation = { kind: 'queue', name: 'other', demand: 0.7 };
    const told: readonly ClosedStation[] = [
      { kind: 'queue', name: 'x', demand: 0.5 },
      { kind: 'servers', name: 'x', demand: 0.5, servers: 1 },
      { kind: 'load-dependent', name: 'x', rate: () => 2 },
    ];
    const [first, ...others] = told.map((station) => solveClosed([station, other], 25));
    for (const solved of others) {
      expect(solved.throughput).toBeCloseTo(first?.throughput ?? 0, 10);
      expect(solved.queueLength.get('x')).toBeCloseTo(first?.queueLength.get('x') ?? 0, 8);
    }
  });

  it('accounts for every user: the queues add up to the population', () => {
    const solved = solveClosed(
      [
        ...LAZOWSKA,
        { kind: 'servers', name: 'pool', demand: 3, servers: 4 },
        { kind: 'load-dependent', name: 'b', rate: Math.sqrt },
      ],
      30,
    );
    expect([...solved.queueLength.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(30, 9);
  });

  it('loses no digits at saturation, with hundreds of users and servers', () => {
    const saturated = solveClosed(
      [
        { kind: 'servers', name: 'replicas', demand: 0.002, servers: 400 },
        { kind: 'load-dependent', name: 'redis', rate: () => 1e5 },
        { kind: 'delay', name: 'wire', demand: 1e-4 },
      ],
      2_000,
    );
    expect(saturated.throughput / 1e5).toBeCloseTo(1, 9);
    const [rest] = [...saturated.throughputBy].slice(-1);
    expect(Number.isFinite(rest)).toBe(true);
    for (let n = 1; n < 2_000; n++) {
      expect(saturated.throughputBy[n + 1]).toBeGreaterThanOrEqual((saturated.throughputBy[n] ?? 0) * (1 - 1e-12));
    }
  });
});

it('refuses a network without users, or in which nothing takes time', () => {
  expect(() => solveClosed(LAZOWSKA, 0)).toThrow(ClosedNetworkError);
  expect(() => solveClosed([{ kind: 'queue', name: 'free', demand: 0 }], 2)).toThrow(ClosedNetworkError);
});

it('refuses an invalid station, and never leaves it out', () => {
  const other: ClosedStation = { kind: 'queue', name: 'disk', demand: 1 };
  const refused = (station: ClosedStation, why: RegExp) =>
    expect(() => solveClosed([other, station], 2), JSON.stringify(station)).toThrow(why);
  for (const demand of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    refused({ kind: 'queue', name: 'cpu', demand }, /cpu cannot take/);
    refused({ kind: 'delay', name: 'cpu', demand }, /cpu cannot take/);
  }
  for (const servers of [0, 2.5, Number.NaN]) {
    refused({ kind: 'servers', name: 'pool', demand: 1, servers }, /pool cannot have/);
    refused({ kind: 'queue', name: 'pool', demand: 1, copies: servers }, /pool cannot have/);
  }
  for (const rate of [0, -1, Number.NaN]) {
    refused({ kind: 'load-dependent', name: 'redis', rate: () => rate }, /redis cannot complete/);
  }
  refused({ kind: 'queue', name: 'disk', demand: 2 }, /disk is there twice/);
});

it('loses no digits of a short response next to a long think time', () => {
  const { response } = solveClosed(
    [
      { kind: 'delay', name: 'users', demand: 1e6 },
      { kind: 'queue', name: 'cpu', demand: 1e-6 },
    ],
    1,
  );
  expect(response / 1e-6).toBeCloseTo(1, 12);
});

it('loses none of them with several servers either', () => {
  const { response } = solveClosed(
    [
      { kind: 'delay', name: 'users', demand: 1e6 },
      { kind: 'servers', name: 'pool', demand: 1e-6, servers: 2 },
      { kind: 'queue', name: 'cpu', demand: 3e-6 },
    ],
    1,
  );
  expect(response / 4e-6).toBeCloseTo(1, 9);
});
