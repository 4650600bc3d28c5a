import { expect, it } from 'vitest';
import { type FleetSetting, fleetBound, solveFleet } from './fleet-model.ts';

const DEMANDS = { replicaCpuUs: 200, redis: { wakeUs: 10, requestUs: 5 }, generatorCpuUs: 30 };
const SETTING: FleetSetting = {
  replicas: 4,
  replicaCores: 0.1,
  redisCores: 1,
  redisNodes: 1,
  users: 80,
  redisRttMs: 0,
  routing: 'bound',
};

it('is limited by the replicas while Redis has room, and by Redis beyond that', () => {
  expect(solveFleet(DEMANDS, SETTING).throughput).toBeCloseTo(2_000, 0);
  const held = { ...SETTING, redisCores: 0.006 };
  expect(fleetBound(DEMANDS, held)).toEqual({ throughput: 1_200, by: 'redis' });
  const { throughput, queueLength } = solveFleet(DEMANDS, held);
  expect(throughput).toBeLessThan(1_200);
  // With many requests waiting, each pays for only a small part of the wake-up.
  expect(throughput).toBeGreaterThan(1_140);
  expect(queueLength.get('redis 0')).toBeGreaterThan(50);
});

it('raises the limit of Redis with the number of nodes', () => {
  const held = { ...SETTING, redisCores: 0.003 };
  expect(fleetBound(DEMANDS, held).throughput).toBeCloseTo(600, 9);
  expect(fleetBound(DEMANDS, { ...held, redisNodes: 3 }).throughput).toBeCloseTo(1_800, 9);
  const [one, three] = [1, 3].map((redisNodes) => solveFleet(DEMANDS, { ...held, redisNodes }).throughput);
  expect((three ?? 0) / (one ?? 1)).toBeGreaterThan(2.5);
});

it('loses a little if requests go to any replica, and more to the distance of Redis the fewer users there are', () => {
  const random = solveFleet(DEMANDS, { ...SETTING, routing: 'random' }).throughput;
  expect(random).toBeLessThan(2_000);
  expect(random / 2_000).toBeCloseTo(80 / 83, 2);
  const far = solveFleet(DEMANDS, { ...SETTING, users: 1, redisRttMs: 2 }).throughput;
  // Alone: 2 ms on the replica, 2 ms on the wire, 15 µs of Redis, 30 µs of the generator.
  expect(far).toBeCloseTo(1 / (2e-3 + 2e-3 + 15e-6 + 30e-6), 6);
});

it('has no Redis if the arm does not use it', () => {
  const free = { ...DEMANDS, redis: null };
  expect(fleetBound(free, { ...SETTING, redisCores: 1e-9 })).toEqual({ throughput: 2_000, by: 'replicas' });
  expect(solveFleet(free, { ...SETTING, redisCores: 1e-9 }).throughput).toBeCloseTo(2_000, 0);
});
