import { describe, expect, it } from 'vitest';
import { median } from '../../../core/stats/location.ts';
import { createRandom, type Random } from '../../../core/stats/random.ts';
import { together } from './combine.ts';
import { FROM_EARLIER, LEAST_LOOKS, MOST_LOOKS } from './plan.ts';
import { type Answer, answerOf, type Look, nextLook, noiseOfOthers, recoveryOf } from './search.ts';

type Server = (rate: number, looks: readonly Look[]) => boolean;

function search(server: Server, saturated = 1000, most: number = MOST_LOOKS, first?: number): Look[] {
  const looks: Look[] = [];
  while (looks.length < most) {
    const next = nextLook(looks, saturated, first);
    if (next === null) return looks;
    looks.push({ rate: next.rate, isMet: server(next.rate, looks) });
  }
  return looks;
}

function found(looks: readonly Look[], saturated = 1000): Extract<Answer, { kind: 'found' }> {
  const answer = answerOf(looks, saturated);
  if (answer?.kind !== 'found') throw new Error(`it answers ${answer?.kind}`);
  return answer;
}

describe('the search', () => {
  it('doubles the rate, and closes in from both sides', () => {
    const looks = search((rate) => rate < 900);
    expect(looks.slice(0, 4).map(({ rate }) => rate)).toEqual([175, 350, 700, 1400]);
    const { rate, low, high, recovered } = found(looks);
    expect(rate).toBeGreaterThan(0.99 * 900);
    expect(rate).toBeLessThan(1.01 * 900);
    expect([low < 900, high > 900, recovered]).toEqual([true, true, true]);
    const bisection = looks.slice(4).map((look) => look.isMet);
    expect([bisection.includes(true), bisection.includes(false)]).toEqual([true, true]);
  });

  it('reports that no load meets an objective, or that none misses it, and ends', () => {
    expect(
      answerOf(
        search(() => false),
        1000,
      ),
    ).toMatchObject({ kind: 'none', lowest: expect.closeTo(5.5, 1) });
    expect(
      answerOf(
        search(() => true),
        1000,
      ),
    ).toMatchObject({ kind: 'any', highest: 5600 });
    expect(answerOf([], 1000)).toBeNull();
  });

  it('begins where it is told, and answers the same from the same looks', () => {
    expect(nextLook([], 1000, 540)).toEqual({ phase: 'doubling', rate: 540 });
    expect(nextLook([{ rate: 540, isMet: true }], 1000, 540)).toEqual({ phase: 'doubling', rate: 1080 });
  });

  it('ends if a server does not recover, and answers from the looks before', () => {
    const looks = search((rate, before) => rate < 900 && before.every(({ isMet }) => isMet));
    const rates = looks.map(({ rate }) => rate);
    expect(rates.slice(0, 4)).toEqual([175, 350, 700, 1400]);
    // One look between them, and then back to rates that were met.
    expect([(rates[4] ?? 0) > 700, (rates[4] ?? 0) < 1400]).toEqual([true, true]);
    expect(rates.slice(5)).toEqual([700, 700, 175]);
    expect(recoveryOf(looks)).toMatchObject({ rate: 175, recovered: false });
    const { rate, low, high, recovered } = found(looks);
    expect(recovered).toBe(false);
    expect([rate > 700, rate < 1400, low < 900, high > 900]).toEqual([true, true, true, true]);
  });

  it('finds that a server broke for good in a later look', () => {
    // It recovers from the first overload, and a later look at 90 % of the limit or more breaks it.
    let isBroken = false;
    const looks = search((rate, before) => {
      if (before.some(({ isMet }) => !isMet) && before.length > 5 && rate > 810) isBroken = true;
      return !isBroken && rate < 900;
    });
    expect(recoveryOf(looks)).toMatchObject({ recovered: false });
    const { rate, high, recovered } = found(looks);
    expect(recovered).toBe(false);
    expect(looks.slice(-2).map((look) => look.rate)).toEqual([175, 175]);
    // The looks after the break would have made it 175 or less.
    expect([rate > 700, high > 900]).toEqual([true, true]);
  });

  it('treats one bad look after a failure as chance', () => {
    let late = 1;
    const looks = search((rate, before) => (before.some(({ isMet }) => !isMet) && late-- > 0 ? false : rate < 700));
    expect(found(looks).recovered).toBe(true);
  });

  it('treats a server as recovered if it misses only just below its limit', () => {
    let late = 3;
    const looks = search((rate, before) => (before.some(({ isMet }) => !isMet) && late-- > 0 ? false : rate < 720));
    const rates = looks.map(({ rate }) => rate);
    expect([rates[3], ...rates.slice(5, 8)]).toEqual([1400, 700, 700, 175]);
    expect(found(looks).recovered).toBe(true);
  });
});

describe('the limit of the load generator', () => {
  const limited = (...rates: readonly number[]): Look[] =>
    rates.map((rate) => ({ rate, isMet: false, byGenerator: true as const }));
  const met = (...rates: readonly number[]): Look[] => rates.map((rate) => ({ rate, isMet: true }));
  const missed = (...rates: readonly number[]): Look[] => rates.map((rate) => ({ rate, isMet: false }));

  it('is no failure of the servers, so nothing has to recover from it', () => {
    const looks = [...met(125, 250, 500), ...limited(1000)];
    expect(recoveryOf(looks)).toBeNull();
    expect(nextLook(looks, 1000)?.phase).toBe('bisection');
    expect(answerOf(looks, 1000)).toMatchObject({ kind: 'found', byGenerator: true, recovered: null });
  });

  it('is ignored once it has sent as much, or the servers could not serve as little', () => {
    expect(answerOf([...met(125), ...limited(250), ...met(400)], 1000)).toMatchObject({ kind: 'any', highest: 400 });
    expect(nextLook([...met(125), ...limited(250), ...met(400)], 1000)).toEqual({ phase: 'doubling', rate: 800 });
    const served = answerOf([...met(125, 250, 500), ...limited(1000), ...missed(700)], 1000);
    expect(served).toMatchObject({ kind: 'found', byGenerator: false });
  });

  it('leaves recovery open, and the search continues', () => {
    const looks = [...met(125, 250, 500), ...missed(1000), ...limited(500), ...missed(500)];
    // The second of these was the servers' own limit, lower than the generator's.
    expect(recoveryOf([...met(500), ...missed(1000), ...limited(450, 450, 450)])).toMatchObject({
      ...{ rate: 500, recovered: null, isSought: false },
    });
    expect(nextLook(looks, 1000)).not.toBeNull();
  });

  it('says nothing about the servers if there was nothing else', () => {
    expect(answerOf(limited(125, 62), 1000)).toEqual({ kind: 'unknown', lowest: 62, byGenerator: true });
    expect(answerOf([...missed(125), ...limited(62)], 1000)).toMatchObject({ kind: 'none', lowest: 125 });
  });
});

describe('its interval', () => {
  interface Machine {
    /** Near the limit, a look meets it by chance: the limit varies by this share from look to look. */
    readonly noise: number;
    /** The chance that the machine makes a look miss. */
    readonly disturbed: number;
  }
  interface Searched {
    readonly covers: boolean;
    readonly error: number;
    readonly half: number;
  }

  function searched({ noise, disturbed }: Machine, seed: number): Searched[] {
    const random: Random = createRandom(seed);
    const limit = 1000 * Math.exp(-0.6 + 0.9 * random.random());
    const isMet = (rate: number) => rate < limit * Math.exp(noise * random.normal()) && random.random() >= disturbed;
    const answer = answerOf(search(isMet, 1000, 16), 1000);
    // Two disturbances one after the other look like a server that does not recover.
    if (answer?.kind !== 'found' || answer.recovered === false) return [];
    const { rate, low, high } = answer;
    return [{ covers: low <= limit && limit <= high, error: Math.log(rate / limit), half: Math.log(high / low) / 2 }];
  }

  const SEARCHES = 60;
  it.each([
    { noise: 0.01, disturbed: 0, typicalError: 0.01 },
    { noise: 0.06, disturbed: 0, typicalError: 0.03 },
    { noise: 0.02, disturbed: 0.1, typicalError: 0.02 },
    { noise: 0.02, disturbed: 0.25, typicalError: 0.04 },
  ])('contains the limit in nine of ten searches or more, with noise $noise and disturbances $disturbed', (machine) => {
    const all = Array.from({ length: SEARCHES }, (_, seed) => searched(machine, seed + 1)).flat();
    expect(all.length).toBeGreaterThan(0.85 * SEARCHES);
    expect(all.filter(({ covers }) => covers).length).toBeGreaterThanOrEqual(0.9 * all.length);
    expect(median(all.map(({ error }) => Math.abs(error)))).toBeLessThan(machine.typicalError);
  });

  it('is narrow if looks agree, and wide if they do not', () => {
    const halves = [0.01, 0.12].map((noise) =>
      median(
        Array.from({ length: 30 }, (_, seed) => searched({ noise, disturbed: 0 }, seed + 1))
          .flat()
          .map(({ half }) => half),
      ),
    );
    expect(halves[0]).toBeLessThan(0.1);
    expect(halves[1]).toBeGreaterThan(1.5 * (halves[0] as number));
  });
});

describe('the interval of a run with four arms and three starts of the least looks', () => {
  interface Machine {
    readonly name: string;
    /** How much the limit varies between starts, partly in all arms alike, and between looks. */
    readonly between: number;
    readonly noise: number;
    readonly disturbed: number;
    /** Of the usual error and half interval. */
    readonly most: { readonly error: number; readonly half: number };
  }
  const RUNS = 6;
  const ARMS = 4;
  const STARTS = 3;

  interface Result {
    readonly error: number;
    readonly half: number;
  }

  function run({ between, noise, disturbed }: Machine, seed: number): Result[] {
    const random: Random = createRandom(seed);
    const truths = Array.from({ length: ARMS }, () => 1000 * Math.exp(-0.6 + 0.6 * random.random()));
    const peaks = truths.map((): number[] => []);
    const searches: { arm: number; fork: number; looks: Look[]; saturated: number }[] = [];
    for (let fork = 0; fork < STARTS; fork++) {
      const speed = random.normal();
      for (const [arm, truth] of truths.entries()) {
        const limit = truth * Math.exp(between * Math.SQRT1_2 * (speed + random.normal()));
        const saturated = 1000 * Math.exp(0.1 * random.normal());
        const before = peaks[arm] ?? [];
        const vary = FROM_EARLIER.vary ** (2 * random.random() - 1);
        const first = before.length === 0 ? undefined : FROM_EARLIER.part * vary * median(before);
        const most = before.length === 0 ? LEAST_LOOKS.first : LEAST_LOOKS.later;
        const isMet = (rate: number) =>
          rate < limit * Math.exp(noise * random.normal()) && random.random() >= disturbed;
        const looks = search(isMet, saturated, most, first);
        const answer = answerOf(looks, saturated);
        if (answer?.kind !== 'found') continue;
        before.push(answer.rate);
        searches.push({ arm, fork, looks, saturated });
      }
    }
    const noises = noiseOfOthers(searches);
    const answers = searches.flatMap(({ arm, fork, looks, saturated }, i) => {
      const answer = answerOf(looks, saturated, noises[i]);
      return answer?.kind === 'found' ? [{ arm, fork, rate: answer.rate, low: answer.low, high: answer.high }] : [];
    });
    const byArm = [...Map.groupBy(answers, ({ arm }) => arm)];
    return together(
      byArm.map(([, own]) => own),
      byArm.map(() => 0),
    ).map(({ value, high }, i) => ({
      error: Math.abs(Math.log(value / (truths[byArm[i]?.[0] ?? 0] ?? 0))),
      half: Math.log(high / value),
    }));
  }

  it.each<Machine>([
    { name: 'quiet', between: 0.01, noise: 0.01, disturbed: 0.02, most: { error: 0.03, half: 0.15 } },
    { name: 'usual', between: 0.03, noise: 0.03, disturbed: 0.05, most: { error: 0.05, half: 0.25 } },
    { name: 'busy', between: 0.08, noise: 0.05, disturbed: 0.15, most: { error: 0.1, half: 0.5 } },
  ])('contains the limit in nine of ten cases or more on a $name machine', (machine) => {
    const all = Array.from({ length: RUNS }, (_, seed) => run(machine, seed + 1)).flat();
    expect(all.length).toBeGreaterThan(0.95 * RUNS * ARMS);
    expect(all.filter(({ error, half }) => error <= half).length).toBeGreaterThanOrEqual(0.9 * all.length);
    expect(median(all.map(({ error }) => error))).toBeLessThan(machine.most.error);
    expect(median(all.map(({ half }) => half))).toBeLessThan(machine.most.half);
  });
});
