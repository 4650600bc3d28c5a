/** Series with known changes of level, to test methods that detect them. Pure for a given seed. */
import type { Random } from '../stats/random.ts';

export interface SimulatedSeries {
  /** Positive, about 100 or 50. */
  readonly values: readonly number[];
  /** The index at which each level after the first begins, ascending. */
  readonly changes: readonly number[];
  /** The night of each value, if some nights have none. */
  readonly nights?: readonly number[];
}

export interface SimulatedKind {
  readonly name: string;
  /** @param count how many values, 5 or more */
  readonly make: (random: Random, count: number) => SimulatedSeries;
}

/** The standard deviation of one run, relative to its level. */
const NOISE = 0.01;

type Shape = (random: Random, count: number) => number[];

/** Normal noise in which each value keeps a part of the deviation before it. */
const correlated =
  (correlation: number): Shape =>
  (random, count) => {
    const fresh = Math.sqrt(1 - correlation ** 2);
    const values = [random.normal()];
    while (values.length < count) {
      values.push(correlation * (values.at(-1) as number) + fresh * random.normal());
    }
    return values.map((value) => NOISE * value);
  };
const independent = correlated(0);

/** Student's t with 3 degrees of freedom: now and then far off. */
const heavyTailed: Shape = (random, count) =>
  Array.from({ length: count }, () => {
    const squares = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
    return (NOISE * random.normal()) / Math.sqrt(squares / 3);
  });

const plus =
  (a: Shape, b: Shape): Shape =>
  (random, count) => {
    const other = b(random, count);
    return a(random, count).map((value, i) => value + (other[i] as number));
  };

/** A wandering machine: permanent steps, each a third of the noise. */
const wandering: Shape = (random, count) => {
  let place = 0;
  return Array.from({ length: count }, () => {
    place += (NOISE / 3) * random.normal();
    return place;
  });
};
const drifting: Shape = (random, count) => {
  const rise = (random.random() < 0.5 ? -6 : 6) * NOISE;
  return Array.from({ length: count }, (_, i) => (rise * i) / count);
};
/** Permanent steps alone. */
const walking: Shape = (random, count) => wandering(random, count).map((value) => 3 * value);
/** Growth that speeds up, without a bend. */
const curved: Shape = (_, count) => Array.from({ length: count }, (_, i) => 12 * NOISE * (i / count) ** 2);
const weekly: Shape = (random, count) => {
  const phase = random.integer(7);
  return Array.from({ length: count }, (_, i) => ((i + phase) % 7 < 5 ? 0 : 2 * NOISE));
};
/** A noisy neighbour: one run in twenty, and often the next, costs a quarter more. */
const bursts: Shape = (random, count) => {
  const values = Array.from({ length: count }, () => 0);
  for (let i = 0; i < count; i++) {
    if (random.random() >= 0.05) continue;
    values[i] = 0.25;
    if (random.random() < 0.5 && i + 1 < count) values[i + 1] = 0.25;
    i += 4;
  }
  return values;
};
/** One run in fifty, and up to three after it, in which much failed. */
const brokenBy =
  (logarithm: number): Shape =>
  (random, count) => {
    const values = Array.from({ length: count }, () => 0);
    for (let i = 4; i < count - 5; i++) {
      if (random.random() >= 0.02) continue;
      const length = 1 + random.integer(4);
      values.fill(logarithm, i, i + length);
      i += length + 8;
    }
    return values;
  };
/** Nearly everything failed. */
const broken = brokenBy(-4);
/** Three of four requests failed. */
const halting = brokenBy(Math.log(1 / 4));

/** @param sizes of the steps, in standard deviations of the noise; each level has at least five values */
function stepsIn(random: Random, count: number, sizes: readonly number[]): { shift: number[]; changes: number[] } {
  const least = Math.max(3, Math.min(5, Math.floor(count / (sizes.length + 1))));
  const spare = Math.max(0, count - least * (sizes.length + 1));
  const cuts = sizes.map(() => random.integer(spare + 1)).toSorted((a, b) => a - b);
  const changes = cuts.map((cut, i) => cut + least * (i + 1));
  const shift = Array.from({ length: count }, (_, at) =>
    sizes.reduce((sum, size, i) => (at >= (changes[i] as number) ? sum + size * NOISE : sum), 0),
  );
  return { shift, changes };
}

function kind(name: string, noise: Shape, sizes: readonly number[] = []): SimulatedKind {
  return {
    name,
    make(random, count) {
      // A level has three values or more, so a short series has room for fewer.
      const { shift, changes } = stepsIn(random, count, sizes.slice(0, Math.max(0, Math.floor(count / 3) - 1)));
      const sign = random.random() < 0.5 ? -1 : 1;
      const values = noise(random, count).map((value, i) => 100 * Math.exp(value + sign * (shift[i] as number)));
      return { values, changes };
    },
  };
}

/** A step of which few runs are known yet: two to four. */
const atTheEnd: SimulatedKind = {
  name: 'a step of 6 %, two to four runs ago',
  make(random, count) {
    const change = count - 2 - random.integer(Math.min(3, count - 3));
    const sign = random.random() < 0.5 ? -1 : 1;
    const values = independent(random, count).map(
      (value, i) => 100 * Math.exp(value + (i < change ? 0 : sign * 6 * NOISE)),
    );
    return { values, changes: [change] };
  },
};

/**
 * A trend that bends between stretches.
 * @param moves of the trend over each stretch, in standard deviations of the noise
 */
function bending(name: string, noise: Shape, moves: readonly number[]): SimulatedKind {
  return {
    name,
    make(random, count) {
      const own = moves.slice(0, Math.max(1, Math.floor(count / 3)));
      const least = Math.floor(count / (2 * own.length));
      const spare = count - least * own.length;
      const cuts = own.slice(1).map(() => random.integer(spare));
      const changes = cuts.toSorted((a, b) => a - b).map((cut, i) => cut + least * (i + 1));
      const bounds = [0, ...changes, count];
      const sign = random.random() < 0.5 ? -1 : 1;
      let trend = 0;
      const values = noise(random, count).map((value, i) => {
        const stretch = bounds.findLastIndex((from) => from <= i);
        const length = (bounds[stretch + 1] as number) - (bounds[stretch] as number);
        const before = trend;
        trend += (NOISE * (own[stretch] as number)) / length;
        return 100 * Math.exp(value + sign * before);
      });
      return { values, changes };
    },
  };
}

/** Two configurations or machines in one series; one of them costs a quarter more. */
const mixedBy =
  (isNext: (random: Random, isUpper: boolean) => boolean): Shape =>
  (random, count) => {
    let isUpper = random.random() < 0.5;
    return Array.from({ length: count }, () => {
      isUpper = isNext(random, isUpper);
      return isUpper ? 25 * NOISE : 0;
    });
  };
/** Alternating; one run in ten is missing, and the alternation continues without it. */
const inTurns = mixedBy((random, isUpper) => (random.random() < 0.1 ? isUpper : !isUpper));
const inAnyOrder = mixedBy((random) => random.random() < 0.3);

/** Three machines in any order, each a quarter costlier than the one before. */
const threeInAnyOrder: Shape = (random, count) =>
  Array.from({ length: count }, () => random.integer(3) * Math.log(1.25));
/** Noise that triples somewhere in the middle half, on the same level. */
const noisier: Shape = (random, count) => {
  const from = Math.floor(count / 4) + random.integer(Math.ceil(count / 2));
  return Array.from({ length: count }, (_, i) => (i < from ? NOISE : 3 * NOISE) * random.normal());
};

/** One night in five has no run, and the gap is closed. */
function withMissing({ name, make }: SimulatedKind): SimulatedKind {
  return {
    name: `${name}, nights missing`,
    make(random, count) {
      const nights = Math.ceil(count * 1.25);
      const { values, changes } = make(random, nights);
      const kept = random
        .shuffle(values.map((_, i) => i))
        .slice(0, count)
        .toSorted((a, b) => a - b);
      return {
        nights: kept,
        values: kept.map((i) => values[i] as number),
        changes: changes.map((at) => kept.filter((i) => i < at).length).filter((at) => at > 0 && at < count),
      };
    },
  };
}

/** Coarse values; rounding hides part of their noise. */
function rounded({ name, make }: SimulatedKind, as: string, round: (value: number) => number): SimulatedKind {
  return {
    name: `${name}, ${as}`,
    make(random, count) {
      const { values, changes } = make(random, count);
      return { values: values.map(round), changes };
    },
  };
}
const inWholeNumbers = (one: SimulatedKind) => rounded(one, 'whole numbers', (value) => Math.round(value / 2));
const inTenths = (one: SimulatedKind) => rounded(one, 'tenths of 5', (value) => Math.round(value / 2) / 10);

export const SIMULATED: readonly SimulatedKind[] = [
  kind('independent noise', independent),
  kind('correlated noise (0.5)', correlated(0.5)),
  kind('correlated noise (0.8)', correlated(0.8)),
  kind('heavy-tailed noise', heavyTailed),
  kind('a wandering machine', plus(independent, wandering)),
  kind('a steady drift', plus(independent, drifting)),
  kind('two costlier days a week', plus(independent, weekly)),
  kind('bursts', plus(independent, bursts)),
  kind('broken runs', plus(independent, broken)),
  kind('a step of 3 %', independent, [3]),
  kind('a step of 6 %', independent, [6]),
  kind('up 5 %, and down again', independent, [5, -5]),
  kind('four steps of 5 %', independent, [5, -5, 5, 5]),
  kind('a step of 5 %, correlated (0.5)', correlated(0.5), [5]),
  kind('a step of 5 %, heavy tails', heavyTailed, [5]),
  kind('a step of 5 %, drift', plus(independent, drifting), [5]),
  kind('a step of 5 %, bursts', plus(independent, bursts), [5]),
  kind('a step of 5 %, broken runs', plus(independent, broken), [5]),
  kind('a step of 5 %, wandering', plus(independent, wandering), [5]),
  kind('a step of 3 %, two costlier days', plus(independent, weekly), [3]),
  kind('a step of 5 %, runs at a quarter', plus(independent, halting), [5]),
  inWholeNumbers(kind('a step of 6 %', independent, [6])),
  withMissing(kind('a step of 5 %', independent, [5])),
  kind('two machines', plus(independent, inAnyOrder)),
  kind('a step of 5 %, two machines', plus(independent, inAnyOrder), [5]),
  kind('a step of 5 %, two set-ups in turns', plus(independent, inTurns), [5]),
  kind('three machines', plus(independent, threeInAnyOrder)),
  kind('a step of 5 %, three machines', plus(independent, threeInAnyOrder), [5]),
  inTenths(kind('independent noise', independent)),
  kind('noise that triples', noisier),
  kind('a random walk', walking),
  kind('correlated noise (0.95)', correlated(0.95)),
  kind('growth that speeds up', plus(independent, curved)),
  kind('a drift, two costlier days', plus(plus(independent, drifting), weekly)),
  atTheEnd,
  withMissing(kind('a step of 3 %, two costlier days', plus(independent, weekly), [3])),
  bending('growth of 12 % that begins', independent, [0, 12]),
  bending('growth of 10 % that turns', independent, [10, -10]),
  bending('three bends, 10 % apart', independent, [10, -10, 10, -10]),
  bending('a ramp of 10 % between levels', independent, [0, 10, 0]),
  bending('growth of 15 %, correlated (0.5)', correlated(0.5), [0, 15]),
  bending('growth of 12 %, two costlier days', plus(independent, weekly), [0, 12]),
];
