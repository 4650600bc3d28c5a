import { describe, expect, it } from 'vitest';
import type { ReadyTask } from './task.ts';
import { LEAST_OPERATIONS, warmUpTask } from './warm-up.ts';

const pause = async () => {};
const kept: { sum: number } = { sum: 0 };
const task = (operationsPerRun = 8, steps = 1000): ReadyTask & { readonly runs: () => number } => {
  let runs = 0;
  return {
    operationsPerRun,
    run: () => {
      runs++;
      for (let i = 0; i < steps * operationsPerRun; i++) kept.sum = (kept.sum * 31 + i) % 65_537;
    },
    once: (done) => done(),
    runs: () => runs,
  };
};

describe('the warm-up of a task', () => {
  it('runs the least number of operations, and reports the number', async () => {
    const one = task();
    const { operations } = await warmUpTask(one, 0, 10_000, pause);
    expect(operations).toBe(8 * one.runs());
    expect(operations).toBeGreaterThanOrEqual(LEAST_OPERATIONS);
  });

  it('includes operations of earlier rounds', async () => {
    const { isWarm, operations } = await warmUpTask(task(1, 20_000), LEAST_OPERATIONS, 10_000, pause);
    expect(isWarm).toBe(true);
    expect(operations).toBeLessThan(LEAST_OPERATIONS);
  });

  it('gives up on a task with helper threads that never rest', async () => {
    let mainNs = 0;
    const readCpu = () => {
      mainNs += 4e6;
      return { mainNs, helpersNs: mainNs / 2 };
    };
    const { isWarm, operations } = await warmUpTask(task(), 0, 40, pause, readCpu);
    expect(isWarm).toBe(false);
    expect(operations).toBeGreaterThan(0);
  });

  it('ends for a task that only waits', async () => {
    const waiting: ReadyTask = {
      operationsPerRun: 1,
      run: () => new Promise((resolve) => setTimeout(resolve, 1)),
      once: (done) => done(),
    };
    expect((await warmUpTask(waiting, 0, 50, pause)).operations).toBeGreaterThan(0);
  });
});
