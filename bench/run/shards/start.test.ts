import { expect, it } from 'vitest';
import { TollgateError } from '../../../core/errors.ts';
import { awaitStart } from './start.ts';

const START = '2026-01-01T00:00:00.000Z';
const startMs = Date.parse(START);

/** A clock that only sleeping advances. */
function fakeClock(atMs: number, perSleep: (ms: number) => number = (ms) => ms) {
  const slept: number[] = [];
  let now = atMs;
  return {
    slept,
    clock: {
      now: () => now,
      sleep: async (ms: number) => {
        slept.push(ms);
        now += perSleep(ms);
      },
    },
  };
}
const wait = (atMs: number, options: { signal?: AbortSignal; perSleep?: (ms: number) => number } = {}) => {
  const { slept, clock } = fakeClock(atMs, options.perSleep);
  const told: number[] = [];
  const { signal = new AbortController().signal } = options;
  const began = awaitStart(START, { signal, onWait: (seconds) => told.push(seconds), clock });
  return { began, slept, told };
};

it('begins at once without a given time', async () => {
  const signal = new AbortController().signal;
  expect(await awaitStart(null, { signal, onWait: () => {} })).toMatchObject({ kind: 'shard-began', lateMs: null });
});

it('waits until the time, and reports how long that takes', async () => {
  const { began, told } = wait(startMs - 2500);
  expect(await began).toEqual({ kind: 'shard-began', at: START, lateMs: 0 });
  expect(told).toEqual([3, 2, 1]);
});

it('never begins early, however short its sleeps are, and reports how late it is', async () => {
  expect((await wait(startMs - 1000, { perSleep: (ms) => ms / 2 + 1 }).began).lateMs).toBeGreaterThanOrEqual(0);
  expect((await wait(startMs - 1000, { perSleep: (ms) => ms + 40 }).began).lateMs).toBe(40);
});

it('follows a clock that is adjusted while it waits', async () => {
  const { began, slept } = wait(startMs - 3_600_000, { perSleep: () => 3_600_000 });
  expect((await began).lateMs).toBe(0);
  expect(slept).toEqual([1000]);
});

it('begins a little late, but not after others have been measuring for a while', async () => {
  expect((await wait(startMs + 9000).began).lateMs).toBe(9000);
  await expect(wait(startMs + 11_000).began).rejects.toThrow(/11 s ago.*no load was sent/);
  await expect(wait(startMs + 11_000).began).rejects.toThrow(TollgateError);
});

it('stops waiting when it is interrupted', async () => {
  const signal = AbortSignal.abort();
  expect((await wait(startMs - 60_000, { signal }).began).lateMs).toBe(-60_000);
  const controller = new AbortController();
  const began = awaitStart(new Date(Date.now() + 3_600_000).toISOString(), {
    signal: controller.signal,
    onWait: () => controller.abort(),
  });
  expect((await began).lateMs).toBeLessThan(0);
});
