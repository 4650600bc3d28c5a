import { afterEach, describe, expect, it } from 'vitest';
import { Child, ChildError, type ChildOptions } from '../../bench/processes/child.ts';
import { SAMPLE } from '../support/rpc/table.ts';

const children: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.stop();
});

function start(options: Partial<ChildOptions> = {}): Child<typeof SAMPLE> {
  const entry = new URL('../support/rpc/process.ts', import.meta.url);
  const child = new Child(SAMPLE, { name: 'the sample', entry, ...options });
  children.push(child);
  return child;
}

describe('a process that serves its table of operations', () => {
  it('replies to each request while others are pending', async () => {
    const child = start();
    const hanging = expect(child.ask('hang', null)).rejects.toThrow('the sample was stopped (asked for hang)');
    expect(await Promise.all([child.ask('double', 21), child.ask('double', 4)])).toEqual([42, 8]);
    await child.stop();
    await hanging;
  });

  it('returns an error as data, and continues', async () => {
    const child = start({ hint: 'add paper' });
    const failed = await child.ask('fail', null).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ChildError);
    expect(failed).toMatchObject({ message: 'the sample failed at fail: no paper left', hint: 'add paper' });
    expect(await child.ask('double', 1)).toBe(2);
  });

  it('refuses an invalid request, and its parent an invalid reply', async () => {
    const child = start();
    await expect(child.ask('double', -1)).rejects.toThrow('the sample failed at double: unexpected request at the top');
    const lie = 'the sample returned an unexpected result for lie: /figures/0: must be number';
    await expect(child.ask('lie', null)).rejects.toThrow(lie);
  });

  it('reports progress, which renews the deadline', async () => {
    const child = start();
    await child.ask('double', 1);
    const notes: number[] = [];
    await child.ask('count', 60, { deadlineMs: 1000, onNote: (note) => notes.push(note) });
    expect(notes).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  it('fails with the error of the progress listener', async () => {
    const full = new Error('the disk is full');
    const asked = start().ask('count', 1000, {
      onNote: () => {
        throw full;
      },
    });
    await expect(asked).rejects.toBe(full);
  });

  it('is not waited for beyond the deadline', async () => {
    const child = start({ deadlineMs: 300 });
    await expect(child.ask('hang', null)).rejects.toThrow('the sample did not complete hang within 0.3 s');
  });

  it('fails pending requests when it ends, with the reason in one line', async () => {
    const deaths: string[] = [];
    const child = start({ onDeath: ({ message }) => deaths.push(message) });
    const reason = 'the sample ended with exit code 1: TypeError: out of cheese';
    await expect(child.ask('crash', null)).rejects.toThrow(`${reason} (asked for crash)`);
    await expect(child.ask('double', 1)).rejects.toThrow(`${reason} (asked for double)`);
    expect(deaths).toEqual([reason]);
  });

  it('fails all requests with a given error', async () => {
    const child = start();
    const asked = child.ask('hang', null);
    const interrupted = new Error('interrupted');
    child.fail(interrupted);
    await expect(asked).rejects.toBe(interrupted);
    await expect(child.ask('double', 1)).rejects.toBe(interrupted);
  });
});
