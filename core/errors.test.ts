import { describe, expect, it } from 'vitest';
import { afterEnding, environmentError, thenEnding, thenFailed } from './errors.ts';

const failing = (message: string) => async () => {
  throw new Error(message);
};

describe('one failure after another', () => {
  it('is the first error, with both messages on its first line', () => {
    const first = environmentError('the server did not start\nits last line', 'see why');
    expect(thenFailed(first, new Error('it cannot be stopped\nstack'))).toBe(first);
    expect(first.message).toBe('the server did not start; after that: it cannot be stopped\nits last line');
    expect(first.hint).toBe('see why');
  });

  it('is the first error unchanged if it is the reason of an abort, or the same failure again', () => {
    const { reason } = AbortSignal.abort();
    expect(thenFailed(reason, new Error('it cannot be stopped'))).toBe(reason);
    expect(reason.message).not.toContain('stopped');
    const error = new Error('gone');
    expect(thenFailed(error, error)).toBe(error);
    expect(error.message).toBe('gone');
  });
});

describe('cleanup that always runs', () => {
  it('keeps the cause before the error of the cleanup', async () => {
    await expect(thenEnding(failing('cause'), failing('end'))).rejects.toThrow('cause; after that: end');
    await expect(thenEnding(failing('cause'), async () => {})).rejects.toThrow(/^cause$/);
    await expect(thenEnding(async () => 1, failing('end'))).rejects.toThrow(/^end$/);
  });

  it('runs each step of the cleanup in turn, even if those before it fail', async () => {
    const done: string[] = [];
    const step = (name: string, fails: boolean) => async () => {
      done.push(name);
      if (fails) throw new Error(name);
    };
    const throwing = () => {
      throw new Error('b');
    };
    await expect(thenEnding(failing('cause'), step('a', true), throwing, step('c', false))).rejects.toThrow(
      /^cause; after that: a; after that: b$/,
    );
    await expect(thenEnding(step('body', false), step('d', false), throwing, step('e', true))).rejects.toThrow(
      /^b; after that: e$/,
    );
    expect(done).toEqual(['a', 'c', 'body', 'd', 'e']);
  });

  it('hides no cause that has no value', async () => {
    await expect(thenEnding(() => Promise.reject(), failing('end'))).rejects.toBeUndefined();
  });

  it('returns the result of the body after the cleanup', async () => {
    const done: string[] = [];
    const result = await thenEnding(
      async () => done.push('body'),
      async () => done.push('end'),
    );
    expect([result, done]).toEqual([1, ['body', 'end']]);
    expect(await afterEnding('a text', failing('end'))).toBe('a text');
  });
});
