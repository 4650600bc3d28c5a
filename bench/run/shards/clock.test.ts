import { expect, it } from 'vitest';
import { askClock, refuseWrongClock } from './clock.ts';

it('keeps a shard from a start at a given time if it is more than 10 s off', () => {
  const clock = (offsetMs: number) => ({ offsetMs, uncertaintyMs: 5, roundTrips: 20 });
  for (const offsetMs of [0, -9000, 10_004]) expect(() => refuseWrongClock(clock(offsetMs), 'x')).not.toThrow();
  expect(() => refuseWrongClock(clock(120_000), 'x')).toThrow(/this clock is 120 s ahead of/);
  expect(() => refuseWrongClock(clock(-120_000), 'x')).toThrow(/this clock is 120 s behind/);
  expect(() => refuseWrongClock(clock(120_000), null)).not.toThrow();
});

it('names its own variable if the URL cannot be used', async () => {
  await expect(askClock('http://127.0.0.1')).rejects.toThrow(/http:/);
  await expect(askClock('redis://10.0.0.7:6379')).rejects.toThrow(/TOLLGATE_CLOCK_URL refers to 10\.0\.0\.7/);
  await expect(askClock('redis://127.0.0.1:1')).rejects.toThrow(/Redis at TOLLGATE_CLOCK_URL does not answer/);
});
