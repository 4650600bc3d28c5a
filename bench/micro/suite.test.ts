import { setTimeout as elapsed } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { workOf } from './in-place.ts';
import { sessions } from './inputs.ts';
import type { MicroSample } from './protocol.ts';
import { MICRO_TASKS, MicroTaskError, selectTasks, storesOf } from './registry.ts';
import { roundOrder, runSuite, summarise } from './suite.ts';
import { INPUTS, type MicroStore, type MicroTask } from './task.ts';

const context = { redisUrl: null, postgresUrl: null, keyPrefix: 'test:', keep: () => {} };
const options = { secondsPerTask: 0.01, rounds: 1, seed: 1 };

describe('the order of tasks', () => {
  const names = MICRO_TASKS.map((task) => task.name);

  it('is random in each round, and the same from the same seed', () => {
    expect(roundOrder(names, 1, 0)).toEqual(roundOrder(names, 1, 0));
    expect(roundOrder(names, 1, 0)).not.toEqual(roundOrder(names, 1, 1));
    expect(roundOrder(names, 1, 0)).not.toEqual(roundOrder(names, 2, 0));
    expect([...roundOrder(names, 1, 0)].sort()).toEqual([...names].sort());
  });
});

describe('the choice of tasks', () => {
  it('omits tasks without their store', () => {
    expect(selectTasks(undefined, ['redis', 'postgres'])).toEqual(MICRO_TASKS);
    const needed = (...stores: MicroStore[]) => new Set(selectTasks(undefined, stores).map(({ needs }) => needs));
    expect(needed()).toEqual(new Set([null]));
    expect(needed('redis')).toEqual(new Set([null, 'redis']));
    expect(needed('postgres')).toEqual(new Set([null, 'postgres']));
  });

  it('lists the stores that must be running', () => {
    expect([...storesOf(['json-parse'])]).toEqual([]);
    expect([...storesOf(['postgres-select', 'json-parse', 'redis-get'])].sort()).toEqual(['postgres', 'redis']);
    expect(workOf('cookie-unsign-by-hand + postgres-select + json-parse')).toMatchObject({
      usesRedis: false,
      companions: ['postgres'],
    });
    expect(workOf('redis-getex-batched')).toMatchObject({ usesRedis: true, companions: [] });
  });

  it('suggests a name for an unknown one, and says what a named task lacks', () => {
    expect(() => selectTasks(['hs256-verfy'], ['redis'])).toThrow(/did you mean "hs256-verify"/);
    expect(() => selectTasks(['redis-get'], ['postgres'])).toThrow(/needs Redis, which/);
    expect(() => selectTasks(['postgres-select'], ['redis'])).toThrow(/needs PostgreSQL, which/);
  });

  it('has a unique name for each task', () => {
    expect(new Set(MICRO_TASKS.map((task) => task.name)).size).toBe(MICRO_TASKS.length);
  });
});

describe('a summary', () => {
  it('divides the runs’ time by their operations', () => {
    // Four runs of ten operations: 1, 2, 3 and 4 ms. The thread had a core for four fifths of the time.
    expect(summarise([1, 2, 3, 4], 10, 0.8)).toEqual({
      operations: 40,
      durationMs: 10,
      wallUsPerOp: 250,
      cpuUsPerOp: 200,
      p50Us: 250,
      p90Us: expect.closeTo(370, 9),
      p99Us: expect.closeTo(397, 9),
    });
  });
});

describe('the suite', () => {
  function task(name: string, run: () => void | Promise<void>, log: string[]): MicroTask {
    return {
      name,
      title: name,
      needs: null,
      setup: () => {
        log.push(`setup ${name}`);
        return {
          run,
          operationsPerRun: 5,
          once: (done) => done(),
          teardown: async () => {
            log.push(`teardown ${name}`);
          },
        };
      },
    };
  }

  it('sets up, measures every round and tears down, in that order', async () => {
    const log: string[] = [];
    const tasks = [task('a', () => {}, log), task('b', async () => {}, log)];
    await runSuite(tasks, context, { ...options, rounds: 2 }, ({ round, order }) =>
      log.push(`sample ${round}.${order}`),
    );
    expect(log).toEqual([
      'setup a',
      'setup b',
      'sample 0.0',
      'sample 0.1',
      'sample 1.0',
      'sample 1.1',
      'teardown a',
      'teardown b',
    ]);
  });

  it('counts operations of the measured part only', async () => {
    let runs = 0;
    const counting = task('counting', () => void runs++, []);
    const counted: number[] = [];
    await runSuite([counting], context, options, ({ operations }) => counted.push(operations));
    expect(counted[0]).toBeGreaterThan(0);
    // The rest was warm-up.
    expect(counted[0]).toBeLessThan(runs * 5);
  });

  it('takes the CPU time of the working thread, whatever other threads do', async () => {
    const burner = new Worker("require('node:worker_threads').parentPort.postMessage(1); for (;;);", { eval: true });
    await thenEnding(
      async () => {
        await new Promise((resolve) => burner.once('message', resolve));
        const found: MicroSample[] = [];
        const work = { sum: 0 };
        const busy = () => {
          for (let i = 0; i < 20_000; i++) work.sum = (work.sum * 31 + i) % 65_537;
        };
        const tasks = [task('busy', busy, []), task('idle', () => elapsed(2), [])];
        await runSuite(tasks, context, { ...options, secondsPerTask: 0.1 }, (sample) => found.push(sample));
        const of = (name: string) => found.find((sample) => sample.task === name);
        const { wallUsPerOp = 0, cpuUsPerOp = 0 } = of('busy') ?? {};
        expect(cpuUsPerOp).toBeGreaterThan(0);
        // A synchronous task cannot use more CPU time than elapses; the clocks differ slightly.
        expect(cpuUsPerOp).toBeLessThanOrEqual(1.02 * wallUsPerOp);
        expect(of('idle')?.cpuUsPerOp).toBeLessThan(0.5 * (of('idle')?.wallUsPerOp ?? 0));
      },
      () => burner.terminate(),
    );
  });

  it('warms a task up before each round, and reports the total number of operations', async () => {
    const found: MicroSample[] = [];
    await runSuite([task('a', () => {}, [])], context, { ...options, rounds: 2 }, (sample) => found.push(sample));
    const [first, second] = found.map(({ warmUpOperations }) => warmUpOperations);
    expect(first).toBeGreaterThanOrEqual(5_000);
    expect(second).toBeGreaterThan(first ?? 0);
  });

  it('names the task that failed, and still tears down', async () => {
    const log: string[] = [];
    const broken = task('broken', () => Promise.reject(new Error('the key was lost')), log);
    const running = runSuite([broken], context, options, () => {});
    await expect(running).rejects.toThrow(MicroTaskError);
    await expect(running).rejects.toThrow('The micro task "broken" failed: the key was lost');
    expect(log).toEqual(['setup broken', 'teardown broken']);
  });
});

describe('the inputs', () => {
  it('are distinct sessions of the stated size', () => {
    const texts = sessions(INPUTS).map((session) => JSON.stringify(session));
    expect(new Set(texts).size).toBe(INPUTS);
    for (const text of texts) expect(Math.abs(text.length - 220)).toBeLessThan(15);
  });
});
