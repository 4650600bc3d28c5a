import { describe, expect, it } from 'vitest';
import type { Warmed } from '../load/replies.ts';
import { WarmUps, WarmUpWatch, warmUp, warmUpFlags } from './warm-up.ts';

const warmed: Warmed = {
  key: 'a',
  requests: 19_500,
  isWarm: true,
  helperShare: 0.01,
  cpuUsPerRequest: 20,
  fault: null,
};
const slice = { flags: ['cpu-stolen' as const], measures: { request_bytes: 1 } };

describe('a slice', () => {
  it('records the number of requests that its target was warmed up with', () => {
    expect(new WarmUps([warmed]).onto(slice, 'a')).toEqual({
      flags: ['cpu-stolen'],
      measures: { request_bytes: 1, warm_up_requests: 19_500 },
    });
  });

  it('is flagged if its target is not warm, or that is unknown', () => {
    expect(warmUpFlags(warmed)).toEqual([]);
    expect(warmUpFlags({ isWarm: false, helperShare: 0.4 })).toEqual(['not-warm']);
    expect(warmUpFlags({ isWarm: false, helperShare: null })).toEqual(['not-warm']);
    expect(warmUpFlags({ isWarm: true, helperShare: null })).toEqual(['warm-up-unchecked']);
    const cold = new WarmUps([{ ...warmed, isWarm: false }]);
    expect(cold.onto(slice, 'a').flags).toEqual(['cpu-stolen', 'not-warm']);
    expect(cold.onto(cold.onto(slice, 'a'), 'a').flags).toEqual(['cpu-stolen', 'not-warm']);
  });

  it('of a target that was not warmed up is unchanged', () => {
    expect(new WarmUps([warmed]).onto(slice, 'b')).toBe(slice);
    expect(new WarmUps().flags('a')).toEqual([]);
  });
});

it('requests as many as V8 needs, and reports why a warm-up ended early', async () => {
  const asked: unknown[] = [];
  const notes: string[] = [];
  const generator = {
    ask: async (_: 'warmUp', options: unknown) => {
      asked.push(options);
      return [warmed, { ...warmed, key: 'b', isWarm: false, fault: 'a response has status 500 instead of 200' }];
    },
  };
  const warmUps = await warmUp(generator, { timeoutMs: 5_000, note: (text) => notes.push(text) });
  await warmUp(generator, { timeoutMs: 5_000, optimised: 'sooner', keys: ['a'] });
  expect(asked).toEqual([
    { keys: null, timeoutMs: 5_000, atLeast: 18_000, atMost: 45_000 },
    { keys: ['a'], timeoutMs: 5_000, atLeast: 7_000, atMost: 17_500 },
  ]);
  expect(notes).toEqual(['the warm-up of b ended early: a response has status 500 instead of 200']);
  expect([warmUps.flags('a'), warmUps.flags('b')]).toEqual([[], ['not-warm']]);
});

describe('a load of another kind', () => {
  const fleet = (key: string, ...pids: readonly number[]) => ({
    spec: { key },
    replicas: pids.map((pid) => ({ pid })),
  });
  const GONE = 2 ** 22 + 1;
  const burn = () => {
    for (const until = performance.now() + 5; performance.now() < until; );
  };

  it('is judged once there are enough stretches', () => {
    const watch = new WarmUpWatch([fleet('a', process.pid)]);
    expect(watch.isWarm).toBe(false);
    expect(watch.warmUps(0).flags('a')).toEqual(['not-warm']);
    for (let i = 0; i < 6; i++) {
      burn();
      watch.mark();
    }
    const warmed = watch.warmUps(600);
    expect(warmed.flags('a')).toEqual(watch.isWarm ? [] : ['not-warm']);
    expect(warmed.onto(slice, 'a').measures).toMatchObject({ warm_up_requests: 600 });
    expect(warmed.flags('b')).toEqual([]);
  });

  it('does not wait for threads that cannot be read, and says so', () => {
    const watch = new WarmUpWatch([fleet('a', GONE)]);
    watch.mark();
    expect(watch.isWarm).toBe(true);
    expect(watch.warmUps(100).flags('a')).toEqual(['warm-up-unchecked']);
  });

  it('has warmed up a fleet when its coldest replica is warm', () => {
    expect(new WarmUpWatch([fleet('a', GONE, process.pid)]).warmUps(0).flags('a')).toEqual(['not-warm']);
  });
});
