import { describe, expect, it } from 'vitest';
import { solveClosed } from './closed.ts';
import { MixError, type RequestClass, type Station, solveMix } from './multi-class.ts';

const TWO: readonly Station[] = [
  { name: 'cpu', kind: 'queue' },
  { name: 'disk', kind: 'queue' },
];
const classOf = (name: string, users: number, demands: readonly number[], think = 0): RequestClass => ({
  name,
  users,
  demands,
  think,
});

describe('few users, exactly', () => {
  it('solves two customers of two classes as calculated by hand', () => {
    const { method, classes, utilisation, queueLength } = solveMix(TWO, [
      classOf('A', 1, [1, 3]),
      classOf('B', 1, [2, 4]),
    ]);
    expect(method).toBe('exact');
    expect(classes.map(({ throughput }) => throughput)).toEqual([
      expect.closeTo(3 / 19, 12),
      expect.closeTo(2 / 19, 12),
    ]);
    expect(classes.map(({ response }) => response)).toEqual([expect.closeTo(19 / 3, 12), expect.closeTo(9.5, 12)]);
    expect(utilisation.get('cpu')).toBeCloseTo(7 / 19, 12);
    expect(queueLength.get('cpu')).toBeCloseTo(9 / 19, 12);
  });

  it('equals the single-class network if classes differ in name only', () => {
    const demands = [0.605, 2.1];
    const split = solveMix(TWO, [classOf('A', 3, demands, 15), classOf('B', 2, demands, 15), classOf('C', 0, demands)]);
    const whole = solveClosed(
      [
        { kind: 'queue', name: 'cpu', demand: 0.605 },
        { kind: 'queue', name: 'disk', demand: 2.1 },
        { kind: 'delay', name: 'users', demand: 15 },
      ],
      5,
    );
    expect(split.classes.reduce((sum, { throughput }) => sum + throughput, 0)).toBeCloseTo(whole.throughput, 12);
    expect(split.classes[2]).toMatchObject({ throughput: 0, response: expect.closeTo(2.705, 12) });
  });

  it('spreads a class evenly over the copies of a station', () => {
    const copies: readonly Station[] = [{ name: 'replicas', kind: 'queue', copies: 3 }];
    const whole = solveClosed([{ kind: 'queue', name: 'replicas', demand: 0.6, copies: 3 }], 10).throughput;
    const { classes, utilisation } = solveMix(copies, [classOf('A', 4, [0.6]), classOf('B', 6, [0.6])]);
    expect(classes.reduce((sum, { throughput }) => sum + throughput, 0)).toBeCloseTo(whole, 12);
    expect(utilisation.get('replicas')).toBeCloseTo((whole * 0.6) / 3, 12);
  });

  it('adds no queueing at a delay', () => {
    const wire: readonly Station[] = [{ name: 'wire', kind: 'delay' }];
    const { classes } = solveMix(wire, [classOf('A', 5, [2]), classOf('B', 7, [1], 1)]);
    expect(classes.map(({ throughput }) => throughput)).toEqual([2.5, 3.5]);
  });
});

describe('many users, by Linearizer', () => {
  it('is within 1 % of the exact throughput of every class', () => {
    for (const users of [1, 2, 5, 10, 20]) {
      for (const think of [0, 1, 20]) {
        const classes = [classOf('A', users, [1, 3], 5), classOf('B', users, [2, 4], think), classOf('C', 3, [4, 0.1])];
        const [exact, near] = (['exact', 'linearizer'] as const).map((method) => solveMix(TWO, classes, { method }));
        for (const [i, { throughput }] of (exact?.classes ?? []).entries()) {
          expect(Math.abs((near?.classes[i]?.throughput ?? 0) / throughput - 1)).toBeLessThan(0.01);
        }
      }
    }
  });

  it('keeps users and utilisation within their bounds, for a thousand users of four classes', () => {
    const stations: readonly Station[] = [
      { name: 'replicas', kind: 'queue', copies: 8 },
      { name: 'redis', kind: 'queue' },
      { name: 'wire', kind: 'delay' },
    ];
    const classes = [
      classOf('session', 250, [60e-6, 7e-6, 1e-4]),
      classOf('token', 250, [35e-6, 0, 0], 0.005),
      classOf('critical', 300, [90e-6, 14e-6, 1e-4], 0.01),
      classOf('login', 200, [200e-6, 20e-6, 2e-4], 0.015),
    ];
    const { method, classes: answers, utilisation, queueLength } = solveMix(stations, classes);
    expect(method).toBe('linearizer');
    for (const busy of ['replicas', 'redis']) expect(utilisation.get(busy)).toBeLessThanOrEqual(1 + 1e-6);
    const thinking = answers.reduce((sum, { throughput }, i) => sum + throughput * (classes[i]?.think ?? 0), 0);
    const inside = [...queueLength.values()].reduce((a, b) => a + b, 0);
    expect(inside + thinking).toBeCloseTo(1000, 2);
  });
});

it('refuses an invalid mix', () => {
  for (const classes of [
    [],
    [classOf('A', 0, [1, 1])],
    [classOf('A', 1.5, [1, 1])],
    [classOf('A', 1, [1])],
    [classOf('A', 1, [0, 0])],
    [classOf('A', 1, [1, -1])],
    [classOf('A', 1, [1, 1], Number.NaN)],
    [classOf('A', 1, [1, 1]), classOf('A', 1, [1, 1])],
  ]) {
    expect(() => solveMix(TWO, classes)).toThrow(MixError);
  }
});

it('refuses invalid stations, and more mixes than fit in memory', () => {
  const refused = (stations: readonly Station[]) =>
    expect(() => solveMix(stations, [classOf('A', 1, [1, 1])])).toThrow(MixError);
  refused([
    { name: 'cpu', kind: 'queue' },
    { name: 'cpu', kind: 'queue' },
  ]);
  for (const copies of [0, 1.5]) {
    refused([
      { name: 'cpu', kind: 'queue', copies },
      { name: 'disk', kind: 'queue' },
    ]);
  }
  const many = ['A', 'B', 'C'].map((name) => classOf(name, 5_000, [1, 1]));
  expect(() => solveMix(TWO, many, { method: 'exact' })).toThrow(/linearizer/);
  expect(solveMix(TWO, many).method).toBe('linearizer');
});

it('loses no digits of a short response next to a long think time', () => {
  for (const method of ['exact', 'linearizer'] as const) {
    const { classes } = solveMix(TWO, [classOf('A', 1, [1e-6, 2e-6], 1e6)], { method });
    expect((classes[0]?.response ?? 0) / 3e-6).toBeCloseTo(1, method === 'exact' ? 12 : 9);
  }
});
