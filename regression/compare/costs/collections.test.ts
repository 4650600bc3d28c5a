import { expect, it } from 'vitest';
import { mean, variance } from '../../../core/stats/location.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedCost, type Turn } from './costs.ts';

interface LongCollections {
  /** One collection in this many is long. */
  readonly oneOf: number;
  /** How many times as long as the others it pauses. */
  readonly pause: number;
  /** What it adds. */
  readonly us: readonly [reference: number, side: number];
}

interface Machine {
  /** What a collection adds, in CPU µs per request of its turn. */
  readonly usualUs: number;
  /** The shortest pause of a usual collection, which is at most twice as long; default 1 ms. */
  readonly pauseMs?: number;
  /** One turn in this many has a collection; default: 20. */
  readonly every?: number;
  readonly long?: LongCollections;
  /** Whether both sides collect in the same rounds. */
  readonly isTogether: boolean;
}

const EVERY = 20;

/** A fork on a machine that changes between two speeds, and stalls in one of thirty turns. */
function forkOn(machine: Machine, seed: number, rounds = 180): [Turn[], Turn[]] {
  const { usualUs, pauseMs = 1, every = EVERY, long, isTogether } = machine;
  const random = createRandom(seed);
  let speed = 1;
  const [reference, side]: [Turn[], Turn[]] = [[], []];
  const phases = [seed % every, (seed + (isTogether ? 0 : every / 2)) % every];
  for (let round = 0; round < rounds; round++) {
    if (random.random() < 0.05) speed = speed === 1 ? 1.8 : 1;
    for (const [i, turns] of [reference, side].entries()) {
      const collects = round % every === phases[i];
      const isLong = long !== undefined && Math.floor(round / every) % long.oneOf === long.oneOf >> 1;
      const gcUs = collects ? (isLong ? (long.us[i] ?? 0) : usualUs) : 0;
      const stall = random.random() < 1 / 30 ? 1 + 3 * random.random() : 1;
      const us = speed * stall * (100 + gcUs) * Math.exp(0.06 * random.normal());
      const pausedMs = collects ? pauseMs * (isLong ? long.pause : 1) * (1 + random.random()) : 0;
      turns.push({ replicaUs: us, redisUs: null, companionUs: null, pausedMs });
    }
  }
  return [reference, side];
}

/** What collections add in each fork, as the logarithm of a ratio. */
const gcTerms = (forks: number, machine: Machine, rounds?: number) =>
  Array.from({ length: forks }, (_, seed) => {
    const cost = pairedCost(...forkOn(machine, seed, rounds), 'cpu_us_per_request');
    return cost?.parts?.gc ?? Number.NaN;
  });

it.each([true, false])('tells equal builds apart by little, if both collect at the same time: %s', (isTogether) => {
  const machine: Machine = { usualUs: 30, isTogether };
  const terms = gcTerms(60, machine).map((term) => 100 * term);
  // The term of turns without collections varies by 0.7 %.
  expect(Math.sqrt(variance(terms))).toBeLessThan(0.5);
  expect(Math.abs(mean(terms))).toBeLessThan(0.1);
});

it('counts rare collections that pause for longer, which a typical one would hide', () => {
  // One turn of 200 has a long one, of 600 µs more.
  const machine: Machine = { usualUs: 30, long: { oneOf: 10, pause: 8, us: [30, 630] }, isTogether: true };
  const terms = gcTerms(20, machine, 600);
  const whole = 100 + 30 / EVERY;
  expect(Math.exp(mean(terms))).toBeCloseTo(1 + 3 / whole, 2);
});

it('counts a quarter of collections that cost three times as much as the others', () => {
  const machine: Machine = { usualUs: 60, long: { oneOf: 4, pause: 3, us: [60, 180] }, isTogether: true };
  const term = mean(gcTerms(40, machine, 600));
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

it('finds the same long collections, however long and often the other side pauses', () => {
  const long: LongCollections = { oneOf: 4, pause: 3, us: [180, 180] };
  const shareBeside = (other: Machine) =>
    mean(
      Array.from({ length: 40 }, (_, seed) => {
        const [reference] = forkOn({ usualUs: 60, long, isTogether: true }, seed, 600);
        const [, side] = forkOn(other, seed, 600);
        const cost = pairedCost(reference, side, 'cpu_us_per_request')?.reference;
        return (100 * (cost?.gcUs ?? Number.NaN)) / (cost?.steadyUs ?? Number.NaN);
      }),
    );
  const usual: Machine = { usualUs: 60, every: 10, isTogether: false };
  expect(shareBeside({ ...usual, pauseMs: 4 })).toBeCloseTo(shareBeside(usual), 1);
});
