import { describe, expect, it } from 'vitest';
import { forkBudget, slicesOfForks } from '../testing/fork-budget.ts';
import { completedForks, type ForkPlan, type ForkTime, runForks } from './run-forks.ts';

const plan: ForkPlan = { minForks: 2, maxForks: 5, canBeShort: true, specs: [] };

describe('a budget', () => {
  it('is planned for the given number of forks, and no fork is started that would not fit', async () => {
    const { context, forks, spend } = forkBudget(40);
    expect(await runForks(context, plan, async () => spend(20))).toBe('plan');
    expect(forks).toEqual([0, 1]);
  });

  it('allows the last planned fork although the previous one took longer, within the remaining time', async () => {
    const { context, forks, spend } = forkBudget(40);
    const bounds: boolean[] = [];
    const body = async (_running: unknown, time: ForkTime) => {
      spend(17);
      bounds.push(time.over());
      spend(6);
    };
    expect(await runForks(context, plan, body)).toBe('plan');
    expect(forks).toEqual([0, 1]);
    // 17 of its 20 seconds, then 17 of the remaining 17.
    expect(bounds).toEqual([false, true]);
  });

  it('allows more forks than planned while there is time, up to the maximum', async () => {
    const { context, forks, spend } = forkBudget(40);
    expect(await runForks(context, plan, async () => spend(2))).toBe('plan');
    expect(forks).toEqual([0, 1, 2, 3, 4]);
  });

  it('that is tiny allows one fork, and the stop reason is the budget', async () => {
    const { context, forks, spend } = forkBudget(0.001);
    expect(await runForks(context, plan, async () => spend(9))).toBe('budget');
    expect(forks).toEqual([0]);
  });

  it('allows a shorter fork only if the plan says so', async () => {
    const measured = async (more: Partial<ForkPlan>) => {
      const { context, forks, spend } = forkBudget(40);
      const whole: ForkPlan = { minForks: 2, maxForks: 5, specs: [] };
      const stoppedBy = await runForks(context, { ...whole, ...more }, async () => spend(23));
      return { stoppedBy, forks: forks.length };
    };
    expect(await measured({})).toEqual({ stoppedBy: 'budget', forks: 1 });
    expect(await measured({ canBeShort: true })).toEqual({ stoppedBy: 'plan', forks: 2 });
    expect(await measured({ mayExceed: 0.3 })).toEqual({ stoppedBy: 'plan', forks: 2 });
    expect(await measured({ insistsOnMinimum: true, minForks: 4 })).toEqual({ stoppedBy: 'plan', forks: 4 });
  });

  it('is for one fork if servers cannot be restarted, whatever is planned', async () => {
    const { context, forks, spend } = forkBudget(40);
    const shares: number[] = [];
    const stoppedBy = await runForks({ ...context, mostForks: 1 }, plan, async (_, time) => {
      shares.push(time.leftSeconds());
      spend(10);
    });
    expect({ stoppedBy, forks, shares }).toEqual({ stoppedBy: 'plan', forks: [0], shares: [40] });
  });

  it('is divided according to the weights of forks', async () => {
    const { context, spend } = forkBudget(40);
    const shares: number[] = [];
    await runForks(context, { ...plan, maxForks: 2, weightOf: (i) => (i === 0 ? 3 : 1) }, async (_, time) => {
      shares.push(time.leftSeconds());
      spend(time.leftSeconds());
    });
    expect(shares).toEqual([30, 10]);
  });

  it('is divided among fewer forks if each would get less than it needs', async () => {
    const { context, forks, spend } = forkBudget(40);
    const shares: number[] = [];
    const demanding = { ...plan, minForks: 4, leastSecondsOf: () => 18 };
    const stoppedBy = await runForks(context, demanding, async (_, time) => {
      shares.push(time.leftSeconds());
      spend(time.leftSeconds());
    });
    expect(stoppedBy).toBe('budget');
    expect(shares).toEqual([20, 20]);
    expect(forks).toHaveLength(2);
  });

  it('gives the warm-up what starting left of its part, and never nothing', async () => {
    const { context, spend } = forkBudget(40);
    const warmUps: number[] = [];
    await runForks(context, { ...plan, maxForks: 1 }, async (_running, time) => {
      spend(4);
      warmUps.push(time.warmUpMs(0.5));
      spend(30);
      warmUps.push(time.warmUpMs(0.5));
    });
    expect(warmUps).toEqual([6_000, 500]);
  });
});

describe('a budget with a number of forks derived from their overhead', () => {
  const allotment = { forks: 5, loadPart: 0.5, loadSeconds: 3, leastLoadSeconds: 1 };
  const allotted: ForkPlan = { minForks: 3, maxForks: 60, allotment, specs: [] };

  /** @returns the seconds of load of each fork, if a fork measures until its share is over, at least for a second */
  const loads = async (budget: number, startSeconds: number, more: Partial<ForkPlan> = {}) => {
    const { context, spend, left } = forkBudget(budget);
    const found: number[] = [];
    await runForks(context, { ...allotted, ...more }, async (_running, time) => {
      spend(startSeconds);
      time.loadBegins();
      const load = Math.max(1, time.leftSeconds() - time.endSeconds);
      spend(load);
      found.push(load);
    });
    return { found, left: left() };
  };

  it('has the number of forks that leaves half of each for load, and no time unused', async () => {
    const { found, left } = await loads(70, 7);
    expect(found).toEqual([7, 7, 7, 7, 7]);
    expect(left).toBe(0);
  });

  it('has more of them if they start faster than expected, each with enough load', async () => {
    const { found } = await loads(72, 2);
    // Forks of 2 s and 3 s, or slightly more.
    expect(found).toHaveLength(14);
    expect(Math.min(...found)).toBeGreaterThan(3);
  });

  it('has fewer if they start slowly, but the useful minimum, with the rest for load', async () => {
    const { found } = await loads(70, 18);
    expect(found).toHaveLength(3);
    for (const load of found) expect(load).toBeCloseTo(70 / 3 - 18, 9);
  });

  it('has one that lasts until the end if there is no time for another', async () => {
    const { found, left } = await loads(30, 16);
    expect(found).toEqual([14]);
    expect(left).toBe(0);
  });

  it('starts none with next to no load', async () => {
    const { found } = await loads(30, 29.5);
    expect(found).toEqual([1]);
  });

  it('starts no more than the maximum', async () => {
    const { found, left } = await loads(70, 1, { maxForks: 4 });
    expect(found).toHaveLength(4);
    expect(left).toBe(0);
  });
});

describe('measuring ends', () => {
  it('immediately if the user interrupts it', async () => {
    const { context, forks, interrupt } = forkBudget(40);
    expect(await runForks(context, plan, async () => interrupt())).toBe('interrupted');
    expect(forks).toEqual([0]);
  });

  it('as soon as everything is known', async () => {
    const { context, forks, spend } = forkBudget(40);
    const until = () => forks.length === 3;
    expect(await runForks(context, plan, async () => spend(1), until)).toBe('interval');
    expect(forks).toEqual([0, 1, 2]);
  });

  it('by the budget if something is still unknown, however many forks were planned', async () => {
    const { context, spend } = forkBudget(40);
    const never = () => false;
    expect(await runForks(context, plan, async () => spend(20), never)).toBe('budget');
  });

  it('with the error that broke a fork', async () => {
    const { context, forks } = forkBudget(40);
    const broken = runForks(context, plan, async () => {
      throw new Error('a replica is gone');
    });
    await expect(broken).rejects.toThrow('a replica is gone');
    expect(forks).toEqual([0]);
  });
});

describe('a resumed run', () => {
  it('repeats the interrupted fork under a new number', async () => {
    const { context, forks, spend } = forkBudget(40, slicesOfForks(0, 1, 2), 2);
    expect(completedForks(context)).toBe(2);
    expect(await runForks(context, plan, async () => spend(15))).toBe('plan');
    expect(forks).toEqual([3, 4]);
  });

  it('counts every fork that left slices if the last part recorded none', async () => {
    const { context, forks, spend } = forkBudget(40, slicesOfForks(0, 1, 2, 3), 4);
    expect(completedForks(context)).toBe(4);
    expect(await runForks(context, plan, async () => spend(1))).toBe('plan');
    expect(forks).toEqual([5]);
  });

  it('divides its budget among the missing planned forks', async () => {
    const { context, spend } = forkBudget(40, slicesOfForks(0, 1), 2);
    const shares: number[] = [];
    await runForks(context, { ...plan, minForks: 4 }, async (_, time) => {
      shares.push(time.leftSeconds());
      spend(time.leftSeconds());
    });
    expect(shares).toEqual([20, 20]);
  });

  it('starts nothing if the plan was complete', async () => {
    const { context, forks } = forkBudget(40, slicesOfForks(0, 1, 2, 3, 4), 5);
    expect(await runForks(context, plan, async () => {})).toBe('plan');
    expect(forks).toEqual([]);
  });

  it('counts only the slices of these forks', async () => {
    const { context } = forkBudget(40, slicesOfForks(0, 1, 2), 3);
    expect(completedForks(context, ({ fork }) => fork > 0)).toBe(2);
  });
});
