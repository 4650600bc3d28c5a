import { describe, expect, it } from 'vitest';
import { solveClosed } from './closed.ts';
import { MixError } from './mix/network.ts';
import { type OpenClass, type RequestClass, type Station, solveMix } from './multi-class.ts';
import { openQueue } from './open.ts';

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

describe('several servers at one queue', () => {
  const rateOf = (answer: ReturnType<typeof solveMix>) =>
    answer.classes.reduce((sum, { throughput }) => sum + throughput, 0);

  it('serves two users at two servers at once, unlike two copies', () => {
    const both = [classOf('A', 1, [1]), classOf('B', 1, [1])];
    expect(rateOf(solveMix([{ name: 'pool', kind: 'queue', servers: 2 }], both))).toBeCloseTo(2, 12);
    expect(rateOf(solveMix([{ name: 'pool', kind: 'queue', copies: 2 }], both))).toBeCloseTo(4 / 3, 12);
  });

  it('equals the single-class network if classes differ in name only', () => {
    const stations: readonly Station[] = [
      { name: 'pool', kind: 'queue', servers: 3 },
      { name: 'batches', kind: 'load-dependent', speed: (n) => n / (0.6 + 0.4 * n) },
      { name: 'disk', kind: 'queue', copies: 2 },
      { name: 'wire', kind: 'delay' },
    ];
    const demands = [1, 0.3, 0.4, 0.5];
    const { method, classes, utilisation, queueLength } = solveMix(stations, [
      classOf('A', 5, demands, 2),
      classOf('B', 4, demands, 2),
    ]);
    const whole = solveClosed(
      [
        { kind: 'servers', name: 'pool', demand: 1, servers: 3 },
        { kind: 'load-dependent', name: 'batches', rate: (n) => n / (0.6 + 0.4 * n) / 0.3 },
        { kind: 'queue', name: 'disk', demand: 0.4, copies: 2 },
        { kind: 'delay', name: 'wire', demand: 2.5 },
      ],
      9,
    );
    expect(method).toBe('exact');
    expect(rateOf({ method, classes, utilisation, queueLength })).toBeCloseTo(whole.throughput, 10);
    for (const name of ['pool', 'batches', 'disk']) {
      expect(queueLength.get(name)).toBeCloseTo(whole.queueLength.get(name) ?? Number.NaN, 9);
    }
    expect(utilisation.get('pool')).toBeCloseTo(whole.throughput / 3, 10);
  });

  it('is a plain queue with one server', () => {
    const classes = [classOf('A', 4, [1, 3], 1), classOf('B', 3, [2, 4])];
    const plain = solveMix(TWO, classes);
    const told = solveMix(
      [
        { name: 'cpu', kind: 'load-dependent', speed: () => 1 },
        { name: 'disk', kind: 'queue', servers: 1 },
      ],
      classes,
    );
    for (const [i, { throughput, response }] of plain.classes.entries()) {
      expect(told.classes[i]?.throughput).toBeCloseTo(throughput, 12);
      expect(told.classes[i]?.response).toBeCloseTo(response, 11);
    }
  });

  it('is near the exact answer for many users, by one joint server', () => {
    const stations: readonly Station[] = [
      { name: 'pool', kind: 'queue', servers: 4 },
      { name: 'disk', kind: 'queue' },
    ];
    const classes = [classOf('A', 15, [1, 0.1], 1), classOf('B', 10, [0.5, 0.2], 2)];
    const [exact, near] = (['exact', 'linearizer'] as const).map((method) => solveMix(stations, classes, { method }));
    expect([exact?.method, near?.method]).toEqual(['exact', 'linearizer']);
    for (const [i, { throughput }] of (exact?.classes ?? []).entries()) {
      expect(Math.abs((near?.classes[i]?.throughput ?? 0) / throughput - 1)).toBeLessThan(0.05);
    }
  });

  it('refuses what it cannot solve', () => {
    const slow: readonly Station[] = [{ name: 'pool', kind: 'queue', servers: 2 }];
    const many = [classOf('A', 700, [1]), classOf('B', 1, [1])];
    expect(() => solveMix(slow, many, { method: 'exact' })).toThrow(/linearizer/);
    const batches: readonly Station[] = [{ name: 'batches', kind: 'load-dependent', speed: Math.sqrt }];
    expect(() => solveMix(batches, many)).toThrow(/batches needs fewer users/);
    const stuck: readonly Station[] = [{ name: 'stuck', kind: 'load-dependent', speed: () => 0 }];
    expect(() => solveMix(stuck, [classOf('A', 2, [1])])).toThrow(/stuck cannot be served/);
    expect(() => solveMix([{ name: 'x', kind: 'queue', copies: 2, servers: 2 }], [classOf('A', 2, [1])])).toThrow(
      /not both/,
    );
  });
});

describe('open classes', () => {
  const arriving = (name: string, rate: number, demands: readonly number[]): OpenClass => ({ name, rate, demands });

  it('is M/M/1 and M/M/c for one class', () => {
    const stations: readonly Station[] = [
      { name: 'one', kind: 'queue' },
      { name: 'three', kind: 'queue', servers: 3 },
      { name: 'copies', kind: 'queue', copies: 4 },
      { name: 'wire', kind: 'delay' },
    ];
    const { method, classes, utilisation, queueLength } = solveMix(stations, [arriving('A', 2, [0.3, 1, 1, 0.7])]);
    const one = openQueue({ arrivalRate: 2, service: 0.3, servers: 1 });
    const three = openQueue({ arrivalRate: 2, service: 1, servers: 3 });
    expect(method).toBe('exact');
    expect(classes[0]?.response).toBeCloseTo(one.response + three.response + 1 / (1 - 0.5) + 0.7, 12);
    expect(queueLength.get('three')).toBeCloseTo(three.present, 12);
    expect([...utilisation.values()]).toEqual([0.6, 2 / 3, 0.5, 1.4].map((each) => expect.closeTo(each, 12)));
  });

  it('obeys Little’s law for each class, and slows closed users by what it takes', () => {
    const classes = [arriving('open', 0.2, [1, 2]), classOf('closed', 4, [1, 1], 3)];
    const { classes: found, queueLength, utilisation } = solveMix(TWO, classes);
    for (const { throughput, response, queueLength: own } of found) {
      expect([...own.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(throughput * response, 12);
    }
    expect([...queueLength.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(
      0.2 * (found[0]?.response ?? 0) + 4 - 3 * (found[1]?.throughput ?? 0),
      12,
    );
    const alone = solveMix(TWO, [classOf('closed', 4, [1 / 0.8, 1 / 0.6], 3)]);
    expect(found[1]?.throughput).toBeCloseTo(alone.classes[0]?.throughput ?? 0, 12);
    expect(utilisation.get('disk')).toBeCloseTo(0.4 + (found[1]?.throughput ?? 0), 12);
  });

  it('leaves out a class that does not arrive, and gives its response alone with the others', () => {
    const { classes } = solveMix(TWO, [arriving('none', 0, [1, 1]), arriving('some', 0.25, [2, 1])]);
    expect(classes[0]).toMatchObject({ throughput: 0, response: expect.closeTo(1 / 0.5 + 1 / 0.75, 12) });
  });

  it('refuses more than a station can serve', () => {
    expect(() => solveMix(TWO, [arriving('A', 0.5, [2, 1])])).toThrow(/need all of cpu/);
    expect(() => solveMix(TWO, [arriving('A', Number.NaN, [2, 1])])).toThrow(MixError);
    const shared: readonly Station[] = [{ name: 'pool', kind: 'queue', servers: 2 }];
    const mixed = [arriving('A', 0.5, [1]), classOf('B', 2, [1])];
    expect(() => solveMix(shared, mixed, { method: 'exact' })).toThrow(/no exact solution/);
    expect(solveMix(shared, mixed).method).toBe('linearizer');
  });
});

describe('many users, by Linearizer', () => {
  it('settles within milliseconds where two stations are nearly balanced', () => {
    for (const second of [1, 0.9999, 0.999, 0.99, 0.9]) {
      const classes = ['A', 'B', 'C', 'D'].map((name) => classOf(name, 250, [1, second]));
      const rate = solveMix(TWO, classes).classes.reduce((sum, { throughput }) => sum + throughput, 0);
      const whole = solveClosed(
        [
          { kind: 'queue', name: 'cpu', demand: 1 },
          { kind: 'queue', name: 'disk', demand: second },
        ],
        1000,
      );
      expect(rate / whole.throughput).toBeCloseTo(1, 4);
    }
  });

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
