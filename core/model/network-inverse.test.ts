import { expect, it } from 'vitest';
import { type ClosedStation, solveClosed } from './closed.ts';
import { usersForThroughput, usersWithinResponse } from './network-inverse.ts';

const STATIONS: readonly ClosedStation[] = [
  { kind: 'servers', name: 'replicas', demand: 0.01, servers: 4 },
  { kind: 'queue', name: 'redis', demand: 0.002 },
  { kind: 'delay', name: 'users', demand: 0.1 },
];

it('finds the last number of users within a response time, and the first that reaches a throughput', () => {
  for (const users of [1, 2, 7, 50, 333]) {
    const { response, throughput } = solveClosed(STATIONS, users);
    expect(usersWithinResponse(STATIONS, response * (1 + 1e-9))?.users).toBe(users);
    // Near saturation, more users give the same throughput.
    if (users <= 50) expect(usersForThroughput(STATIONS, throughput * (1 - 1e-9))?.users).toBe(users);
  }
});

it('has no answer if no number of users reaches it', () => {
  expect(usersWithinResponse(STATIONS, 0.0119)).toBeNull();
  // Four servers of 10 ms complete 400 a second and no more.
  expect(usersForThroughput(STATIONS, 401, 1000)).toBeNull();
  expect(usersForThroughput(STATIONS, 399, 1000)?.users).toBeGreaterThan(40);
});

it('tries at most the given number of users', () => {
  expect(usersWithinResponse(STATIONS, 1e9, 100)?.users).toBe(100);
  expect(usersWithinResponse([{ kind: 'delay', name: 'only', demand: 1 }], 1, 64)?.users).toBe(64);
});

it('finds the users for a throughput that falls again with more users', () => {
  const thrashing: readonly ClosedStation[] = [
    { kind: 'load-dependent', name: 'locks', rate: (n) => (100 * n) / (1 + 0.1 * n * n) },
  ];
  // 90.9, 142.9, 157.9, 153.8 and less: 155 is reached by three users only.
  expect(usersForThroughput(thrashing, 155)?.users).toBe(3);
  expect(usersForThroughput(thrashing, 158, 1000)).toBeNull();
});

it('has no answer for NaN', () => {
  expect(usersForThroughput(STATIONS, Number.NaN, 100)).toBeNull();
  expect(usersWithinResponse(STATIONS, Number.NaN, 100)).toBeNull();
});
