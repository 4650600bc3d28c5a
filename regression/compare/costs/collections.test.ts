import { expect, it } from 'vitest';
import { mean, variance } from '../../../core/stats/location.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedCost, type Turn } from './costs.ts';

interface Machine {
  /** What a collection adds, in CPU µs per request of its turn: one turn of twenty has one. */
  readonly usualUs: number;
  /** If present, some collections are long, and add this. */
  readonly longUs?: readonly [reference: number, side: number];
  /** One of so many collections is long; default 10. */
  readonly longOneOf?: number;
  /** How much longer a long one pauses; default 8 times as long. */
  readonly longPause?: number;
  /** Whether both sides collect in the same rounds. */
  readonly isTogether: boolean;
}

const EVERY = 20;

/** A fork on a machine that changes between two speeds, and stalls in one of thirty turns. */
function forkOn(
  { usualUs, longUs, longOneOf = 10, longPause = 8, isTogether }: Machine,
  seed: number,
  rounds = 180,
): [Turn[], Turn[]] {
  const random = createRandom(seed);
  let speed = 1;
  const [reference, side]: [Turn[], Turn[]] = [[], []];
  const phases = [seed % EVERY, (seed + (isTogether ? 0 : EVERY / 2)) % EVERY];
  for (let round = 0; round < rounds; round++) {
    if (random.random() < 0.05) speed = speed === 1 ? 1.8 : 1;
    for (const [i, turns] of [reference, side].entries()) {
      const collects = round % EVERY === phases[i];
      const isLong = collects && longUs !== undefined && Math.floor(round / EVERY) % longOneOf === longOneOf >> 1;
      const gcUs = collects ? (isLong ? (longUs?.[i] ?? 0) : usualUs) : 0;
      const stall = random.random() < 1 / 30 ? 1 + 3 * random.random() : 1;
      const us = speed * stall * (100 + gcUs) * Math.exp(0.06 * random.normal());
      const pausedMs = collects ? (isLong ? longPause : 1) * (1 + random.random()) : 0;
      turns.push({ replicaUs: us, redisUs: null, companionUs: null, pausedMs });
    }
  }
  return [reference, side];
}

const gcOf = (machine: Machine, seed: number, rounds?: number) =>
  pairedCost(...forkOn(machine, seed, rounds), 'cpu_us_per_request')?.parts?.gc ?? Number.NaN;

it.each([true, false])('tells equal builds apart by little, if both collect at the same time: %s', (isTogether) => {
  const machine: Machine = { usualUs: 30, isTogether };
  const terms = Array.from({ length: 60 }, (_, seed) => 100 * gcOf(machine, seed));
  // The term of turns without collections varies by 0.7 %.
  expect(Math.sqrt(variance(terms))).toBeLessThan(0.5);
  expect(Math.abs(mean(terms))).toBeLessThan(0.1);
});

it('counts rare collections that pause for longer, which a typical one would hide', () => {
  // One turn of 200 has a long one, of 600 µs more.
  const machine: Machine = { usualUs: 30, longUs: [30, 630], isTogether: true };
  const terms = Array.from({ length: 20 }, (_, seed) => gcOf(machine, seed, 600));
  const whole = 100 + 30 / EVERY;
  expect(Math.exp(mean(terms))).toBeCloseTo(1 + 3 / whole, 2);
});

it('counts a quarter of collections that cost three times as much as the others', () => {
  const machine: Machine = { usualUs: 60, longUs: [60, 180], longOneOf: 4, longPause: 3, isTogether: true };
  const term = mean(Array.from({ length: 40 }, (_, seed) => gcOf(machine, seed, 600)));
  const added = (180 - 60) / 4 / EVERY / (100 + 60 / EVERY);
  expect(term).toBeGreaterThan(0.75 * added);
  expect(term).toBeLessThan(1.25 * added);
});

it('finds what the collections of one side cost more', () => {
  const costs = Array.from({ length: 20 }, (_, seed) => {
    const [reference] = forkOn({ usualUs: 100, isTogether: true }, seed, 400);
    const [, side] = forkOn({ usualUs: 200, isTogether: false }, seed, 400);
    return pairedCost(reference, side, 'cpu_us_per_request');
  });
  const shareOf = (of: 'reference' | 'side') =>
    mean(costs.map((cost) => (100 * (cost?.[of].gcUs ?? 0)) / (cost?.[of].steadyUs ?? 0)));
  expect(shareOf('reference')).toBeCloseTo(5, 0);
  expect(shareOf('side')).toBeCloseTo(10, 0);
});
