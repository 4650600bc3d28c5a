import { expect, it } from 'vitest';
import { hodgesLehmann } from '../../../core/stats/location.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedCost, type Turn } from './costs.ts';

const turn = (replicaUs: number, pausedMs: number | null = 0, redisUs: number | null = null): Turn => ({
  replicaUs,
  redisUs,
  companionUs: null,
  pausedMs,
});

/** Turns of a server on a machine with drift, with a collection in every `every`-th turn. */
function turnsOf(baseUs: number, gcUs: number, every: number, seed: number, count = 180): Turn[] {
  const noise = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const drift = 1 + 0.3 * Math.sin(i / 25);
    const collected = i % every === seed % every;
    return turn(drift * (baseUs + (collected ? gcUs : 0)) * Math.exp(0.02 * noise.normal()), collected ? 1 : 0);
  });
}

it('takes the typical ratio of turns, whatever a stall did to some of them', () => {
  const reference = Array.from({ length: 21 }, (_, i) => turn(50 + (i % 5)));
  const side = reference.map(({ replicaUs }) => turn(replicaUs * 1.05));
  expect(pairedCost(reference, side, 'cpu_us_per_request')?.total).toBeCloseTo(Math.log(1.05), 10);
  const stalled = side.map(({ replicaUs }, i) => turn(i % 6 === 0 ? replicaUs * 3 : replicaUs));
  const cost = pairedCost(reference, stalled, 'cpu_us_per_request');
  expect(Math.abs((cost?.total ?? 1) - Math.log(1.05))).toBeLessThan(0.001);
  expect(pairedCost([], side, 'cpu_us_per_request')).toBeNull();
});

it('detects doubled garbage collection, which the typical ratio of all turns does not', () => {
  // In 4 % of turns, as a session in Redis has it: 75 µs, and collections that are 6 % of it.
  const [every, gcUs] = [25, 0.06 * 75 * 25];
  const reference = turnsOf(75, gcUs, every, 3, 1000);
  const side = turnsOf(75, 2 * gcUs, every, 11, 1000);
  const cost = pairedCost(reference, side, 'cpu_us_per_request');
  expect(cost?.reference.gcUs).toBeCloseTo(0.06 * 75, 0);
  expect(cost?.side.gcUs).toBeCloseTo(0.12 * 75, 0);
  expect(cost?.parts?.steady).toBeCloseTo(0, 2);
  expect(cost?.parts?.gc).toBeCloseTo(Math.log(1 + 0.06 / 1.06), 2);
  expect(cost?.total).toBeCloseTo(Math.log(1.12 / 1.06), 2);
  const ofAllTurns = hodgesLehmann(
    side.map(({ replicaUs }, i) => Math.log(replicaUs / (reference[i]?.replicaUs ?? 0))),
  );
  expect(Math.abs(ofAllTurns)).toBeLessThan(0.01);
});

it('gives terms that add up to the whole', () => {
  const cost = pairedCost(turnsOf(40, 300, 20, 2), turnsOf(44, 500, 18, 5), 'cpu_us_per_request');
  if (!cost?.parts) throw new Error('both sides have turns without collections');
  const { reference, side, parts, total } = cost;
  const whole = reference.steadyUs + reference.gcUs;
  expect(Math.exp(total)).toBeCloseTo((side.steadyUs + side.gcUs) / whole, 12);
  const steadyShare = (Math.exp(parts.steady) - 1) * (reference.steadyUs / whole);
  expect(Math.exp(total) - 1).toBeCloseTo(steadyShare + Math.exp(parts.gc) - 1, 12);
});

it('compares stretches of turns if each turn contains a collection', () => {
  const always = (us: number, seed: number) => turnsOf(us, 60, 1, seed);
  const cost = pairedCost(always(50, 1), always(61, 2), 'cpu_us_per_request');
  expect(cost?.parts).toBeNull();
  expect(cost?.total).toBeCloseTo(Math.log(121 / 110), 2);
});

it('adds Redis to the replica turn by turn', () => {
  const reference = [turn(10, 0, 2), turn(20, 0, 4)];
  const side = [turn(10, 0, 4), turn(20, 1, 8)];
  expect(pairedCost(reference, side, 'redis_cpu_us_per_request')).toMatchObject({ total: Math.log(2) });
  const free = side.map((one) => ({ ...one, pausedMs: 0 }));
  expect(pairedCost(reference, free, 'total_cpu_us_per_request')?.total).toBeCloseTo(Math.log(14 / 12), 10);
  const without = reference.map(({ replicaUs }) => turn(replicaUs));
  expect(pairedCost(without, without, 'total_cpu_us_per_request')?.total).toBe(0);
  expect(pairedCost(without, without, 'redis_cpu_us_per_request')).toBeNull();
});

it('adds the processes that an arm needs besides Redis', () => {
  const reference = Array.from({ length: 20 }, () => ({ ...turn(40, 0, 10), companionUs: 50 }));
  const side = reference.map((one) => ({ ...one, companionUs: 100 }));
  expect(pairedCost(reference, side, 'total_cpu_us_per_request')?.total).toBeCloseTo(Math.log(1.5), 10);
  expect(pairedCost(reference, side, 'cpu_us_per_request')?.total).toBeCloseTo(0, 10);
});

it('counts garbage collection of a side that does not report it, which a typical turn would omit', () => {
  const reference = Array.from({ length: 150 }, () => turn(100, null));
  // One turn of five takes half as much again: a tenth in all.
  const side = Array.from({ length: 150 }, (_, i) => turn(i % 5 === 0 ? 150 : 100, null));
  const cost = pairedCost(reference, side, 'cpu_us_per_request');
  expect(Math.exp(cost?.total ?? 0)).toBeCloseTo(1.1, 6);
  expect(cost?.parts).toBeNull();
});
