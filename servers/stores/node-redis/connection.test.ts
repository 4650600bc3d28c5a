import { expect, it } from 'vitest';
import { sharedDeadline } from './connection.ts';

const LATE = 'Redis did not answer in time.';
const never = () => new Promise(() => {});
const failureOf = (asked: Promise<unknown>) => asked.then(String, ({ message }: Error) => message);

it('also applies the deadline to commands after a failure in the same event-loop iteration', async () => {
  const inTime = sharedDeadline(20);
  // As a client fails at once while its connection is unavailable, and sends the next command when it is back.
  expect(await failureOf(inTime(Promise.reject(new Error('offline'))))).toBe('offline');
  expect(await failureOf(inTime(never()))).toBe(LATE);
});

it('fails commands of one batch together, except those that were answered', async () => {
  const inTime = sharedDeadline(20);
  const asked = [inTime(never()), inTime(Promise.resolve('answer')), inTime(never())];
  expect(await Promise.all(asked.map((one) => failureOf(one)))).toEqual([LATE, 'answer', LATE]);
});
