import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare } from './in-place.ts';
import { MICRO_TASKS } from './registry.ts';
import { runSuite } from './suite.ts';
import { cycleVerifying, type MicroTask, type ReadyTask } from './task.ts';

const context = { redisUrl: null, postgresUrl: null, keyPrefix: 'test:', keep: () => {} };

describe('tasks that verify', () => {
  // WebCrypto verifies asynchronously, so such a task tries a token during set-up instead.
  const VERIFIES = /(?<!dpop-proof-)verify(?!-jwks)|unsign|-open$|^crypto-/;
  const verifying = MICRO_TASKS.filter(({ name }) => VERIFIES.test(name));

  /** Every task that needs no store, set up once: keys and tokens take most of the time. */
  const ready = new Map<string, ReadyTask>();
  beforeAll(async () => {
    for (const { name, needs, setup } of MICRO_TASKS) if (needs === null) ready.set(name, await setup(context));
  });
  afterAll(async () => {
    for (const { teardown } of ready.values()) await teardown?.();
  });

  it.each(verifying.map(({ name }) => name))('%s accepts what is genuine alone', (name) => {
    const { prove } = ready.get(name) ?? {};
    expect(prove).toBeDefined();
    expect(() => prove?.()).not.toThrow();
  });

  it('all have a proof', () => {
    const proving = [...ready].filter(([, { prove }]) => prove !== undefined).map(([name]) => name);
    expect(proving).toEqual(verifying.map(({ name }) => name));
  });
});

describe('a task that does not verify', () => {
  const genuine = ['a:1', 'b:2', 'c:3'];
  const mixed = (one: string, other: string) => [`${one.split(':')[0]}:${other.split(':')[1]}`];
  const ready = (operation: (input: string) => unknown, isAccepted?: (result: unknown) => boolean) =>
    cycleVerifying(genuine, context, operation, mixed, isAccepted);
  const strict = (input: string) => {
    if (!genuine.includes(input)) throw new Error('refused');
    return input;
  };

  it('is detected', () => {
    expect(() => ready(strict).prove?.()).not.toThrow();
    expect(() => ready((input) => input).prove?.()).toThrow('it accepts altered input');
    expect(() => ready(() => false, Boolean).prove?.()).toThrow('it rejects valid input');
    expect(() => ready(() => true, Boolean).prove?.()).toThrow('it accepts altered input');
    const refusing = () => {
      throw new Error('refused');
    };
    expect(() => ready(refusing).prove?.()).toThrow('it rejects valid input');
  });

  it('is not timed, and is named in the error', async () => {
    const task: MicroTask = { name: 'blind', title: 'blind', needs: null, setup: () => ready((input) => input) };
    const samples: unknown[] = [];
    const running = runSuite([task], context, { secondsPerTask: 0.01, rounds: 1, seed: 1 }, (one) => samples.push(one));
    await expect(running).rejects.toThrow('The micro task "blind" failed: it accepts altered input');
    expect(samples).toEqual([]);
  });
});

it('is detected among primitives in place as well', async () => {
  const work = await prepare('hs256-verify + cookie-unsign', null, {});
  await expect(work.close()).resolves.toBeUndefined();
});
