import { describe, expect, it } from 'vitest';
import { openCpuWait } from '../../processes/threads/cpu-wait.ts';
import { Crowd } from './crowd.ts';

/** A thread that waits for its core for `share` of the time. */
function thread(share: (nowMicros: number) => number) {
  let [now, waited] = [0, 0];
  const crowd = new Crowd(() => waited);
  const run = (micros: number) => {
    waited += micros * share(now);
    now += micros;
    return crowd.mayPoll(now);
  };
  /** Share of the steps of 1 ms at which it was allowed to poll. */
  const allowed = (ms: number) => Array.from({ length: ms }, () => run(1000)).filter(Boolean).length / ms;
  return { allowed };
}

describe('polling', () => {
  it('continues on its own core, with a hiccup meter alongside', () => {
    expect(thread(() => 0).allowed(1000)).toBe(1);
    expect(thread(() => 0.04).allowed(1000)).toBe(1);
  });

  it('is rare if other processes use the core', () => {
    expect(thread(() => 0.5).allowed(10_000)).toBeLessThan(0.05);
  });

  it('resumes when it is alone again', () => {
    const { allowed } = thread((now) => (now < 2_000_000 ? 0.5 : 0));
    allowed(2000);
    allowed(3300); // the longest rest, and a look at what happened in it
    expect(allowed(1000)).toBe(1);
  });

  it('pauses briefly after a single disturbance', () => {
    const { allowed } = thread((now) => (now >= 100_000 && now < 105_000 ? 1 : 0));
    expect(allowed(1000)).toBeGreaterThan(0.85);
  });

  it('never happens if it is unknown whether it is alone', () => {
    expect(new Crowd(null).mayPoll(1e6)).toBe(false);
  });
});

describe('the wait-time account', () => {
  it('is absent if there is no such file, or another one', () => {
    expect(openCpuWait('/nowhere')).toBeNull();
    expect(openCpuWait(import.meta.filename)).toBeNull();
  });
});
