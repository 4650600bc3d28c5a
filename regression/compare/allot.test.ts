import { expect, it, vi } from 'vitest';
import { type Allotted, allot, nextOf, secondsPerFork } from './allot.ts';

class Fake implements Allotted {
  readonly name: string;
  forks = 0;
  mostForks = 120;
  isKnown = false;
  leastForks = 0;
  /** Of each fork, from 1. */
  seconds: (fork: number) => number = () => 1;
  readonly plans: number[] = [];
  readonly knownAt: number;
  readonly needed: number | null;

  constructor(name: string, knownAt: number, needed: number | null = 1) {
    this.name = name;
    this.knownAt = knownAt;
    this.needed = needed;
  }

  get secondsPerFork(): number {
    return this.seconds(Math.max(1, this.forks));
  }

  plan(forks: number): void {
    this.plans.push(forks);
    this.mostForks = Math.max(this.forks, forks);
  }

  async fork(): Promise<void> {
    this.forks++;
    this.isKnown = this.forks >= this.knownAt;
    vi.advanceTimersByTime(1000 * this.secondsPerFork);
  }

  standings() {
    return [{ forksNeeded: this.needed }];
  }
}

/** Runs on a simulated clock. */
async function run(contests: Fake[], budgetSeconds: number): Promise<string> {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const order: string[] = [];
    await allot(contests, budgetSeconds, ({ name }) => order.push(name));
    return order.join('');
  } finally {
    vi.useRealTimers();
  }
}

it('advances all at the same rate, and passes on time that one does not need', async () => {
  const [a, b] = [new Fake('a', 5), new Fake('b', 100)];
  expect(await run([a, b], 20)).toBe('abababababbbbbbbbbbb'.slice(0, 9) + 'b'.repeat(11));
  expect([a.forks, b.forks]).toEqual([5, 15]);
  // Half of the time at first; all that is left from the moment on that the other is known.
  expect(b.plans).toEqual([10, 15]);
});

it('gives the last of the time to the one nearest to a verdict', async () => {
  const [a, b, c] = [new Fake('a', 100, null), new Fake('b', 100, 3), new Fake('c', 100, 1)];
  const order = await run([a, b, c], 16);
  expect(order.slice(0, 15)).toBe('abc'.repeat(5));
  expect(order.slice(15)).toBe('c');
});

it('continues with a known one up to its least number of forks, but only in time that others leave', async () => {
  const known = () => Object.assign(new Fake('a', 4), { leastForks: 8 });
  expect(await run([known()], 20)).toBe('aaaaaaaa');
  expect(await run([known(), new Fake('b', 6)], 20)).toBe('ababababbbaaaa');
  expect(await run([known(), new Fake('b', 100, null)], 12)).toBe('ababababbbbb');
});

it('continues with a known one to its least number of forks, even if its plan has fewer', async () => {
  const a = Object.assign(new Fake('a', 4), { leastForks: 8 });
  expect(await run([a, new Fake('b', 5)], 13)).toBe('ababababbaaaa');
  expect(a.plans).toEqual([7]);
});

it('extends a plan before its last fork if forks have become faster', async () => {
  // The first two, from which the plan is made, take three seconds each.
  const a = Object.assign(new Fake('a', 100), { seconds: (fork: number) => (fork <= 2 ? 3 : 1) });
  expect(await run([a], 20)).toBe('a'.repeat(16));
  expect(a.plans).toEqual([6, 16]);
});

it('takes the mean of all forks but the first, which also fills caches, as the duration of the next', () => {
  const forks = (...seconds: number[]) => seconds.map((each) => ({ seconds: each }));
  expect(secondsPerFork(forks(9, 2, 3, 4))).toBe(3);
  // One stalled or fast fork alone does not decide.
  expect(secondsPerFork(forks(9, 3, 3, 3, 1))).toBe(2.5);
  expect(secondsPerFork(forks(9))).toBe(9);
  expect(secondsPerFork([])).toBe(0);
});

it('makes at least one look, even if time does not allow it', async () => {
  const [a, b] = [new Fake('a', 100), new Fake('b', 100)];
  expect(await run([a, b], 2)).toBe('abababab');
});

it('has nothing next if everything is known, planned, or too long', () => {
  expect(nextOf([], 10)).toBeNull();
  const one = Object.assign(new Fake('a', 100), { forks: 6, mostForks: 6 });
  expect(nextOf([one], 10)).toBeNull();
  expect(nextOf([Object.assign(one, { mostForks: 9 })], 0.5)).toBeNull();
  expect(nextOf([one], 1)).toBe(one);
});
