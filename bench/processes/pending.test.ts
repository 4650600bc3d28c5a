import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pending } from './pending.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const question = { deadlineMs: 1000, late: () => new Error('too late') };

describe('pending questions', () => {
  it('settles the question with the number of the answer, in any order', async () => {
    const pending = new Pending<string>();
    const sent: number[] = [];
    const asked = ['first', 'second'].map(() => pending.ask(question, (id) => sent.push(id)));
    pending.resolve(sent[1] ?? -1, 'two');
    pending.resolve(sent[0] ?? -1, 'one');
    expect(await Promise.all(asked)).toEqual(['one', 'two']);
  });

  it('rejects a question after its deadline, and drops a later answer', async () => {
    const pending = new Pending<string>();
    let number = -1;
    const asked = pending.ask(question, (id) => {
      number = id;
    });
    const outcome = expect(asked).rejects.toThrow('too late');
    // And a moment more, in which pending input would be read.
    await vi.advanceTimersByTimeAsync(1001);
    await outcome;
    pending.resolve(number, 'after all');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes an answer that arrived while this process stood still, however late it is read', async () => {
    vi.useRealTimers();
    const pending = new Pending<string>();
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => pending.resolve(0, 'in time'));
    const asked = pending.ask({ ...question, deadlineMs: 20 }, () => port2.postMessage('answer'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    expect(await asked).toBe('in time');
    port1.close();
  });

  it('counts the deadline from the last sign of life', async () => {
    const pending = new Pending<string>();
    const asked = pending.ask(question, () => {});
    await vi.advanceTimersByTimeAsync(900);
    pending.renew(0);
    await vi.advanceTimersByTimeAsync(900);
    pending.resolve(0, 'in time');
    expect(await asked).toBe('in time');
  });

  it('rejects every question at the end, and refuses new ones; only the first reason counts', async () => {
    const pending = new Pending<string>();
    const failure = (reason: Error) => new Error(`${reason.message}, while asked`);
    const waiting = pending.ask({ ...question, failure }, () => {});
    pending.end(new Error('gone'));
    pending.end(new Error('stopped'));
    await expect(waiting).rejects.toThrow('gone, while asked');
    await expect(pending.ask(question, () => expect.unreachable())).rejects.toThrow('gone');
    expect(pending.ended?.message).toBe('gone');
    expect(vi.getTimerCount()).toBe(0);
  });
});
