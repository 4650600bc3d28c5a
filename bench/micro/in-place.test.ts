import { expect, it } from 'vitest';
import { inTurn, workOf } from './in-place.ts';
import type { ReadyTask } from './task.ts';

const task = (once: ReadyTask['once']): ReadyTask => ({ run: () => {}, operationsPerRun: 1, once });

it('runs them one after another', async () => {
  const log: string[] = [];
  const slow = task((done) => {
    log.push('slow begins');
    setImmediate(() => {
      log.push('slow ends');
      done();
    });
  });
  const quick = task((done) => {
    log.push('quick');
    done();
  });
  const error = await new Promise((resolve) => inTurn([quick, slow, quick])(resolve));
  expect(error).toBeUndefined();
  expect(log).toEqual(['quick', 'slow begins', 'slow ends', 'quick']);
});

it('ends with the first failure', () => {
  const log: unknown[] = [];
  const failing = task((done) => done(new Error('refused')));
  const never = task(() => log.push('done all the same'));
  inTurn([failing, never])((error) => log.push(error));
  expect(log).toEqual([new Error('refused')]);
});

it('adds nothing to a single one', () => {
  const { once } = task((done) => done());
  expect(inTurn([task(once)])).toBe(once);
});

it('needs Redis if one of several does', () => {
  expect(workOf('hs256-verify')).toMatchObject({ name: 'hs256-verify', usesRedis: false });
  expect(workOf('cookie-unsign + json-parse').usesRedis).toBe(false);
  expect(workOf('cookie-unsign + redis-getex-batched + json-parse').usesRedis).toBe(true);
});
