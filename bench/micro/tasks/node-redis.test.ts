import { afterEach, expect, it, vi } from 'vitest';
import { addressOf, silenceAfter } from './node-redis.ts';

afterEach(() => void vi.useRealTimers());

it('names no user of a socket whose address has a password alone', () => {
  expect(addressOf('/run/redis.sock?password=p%26w')).toEqual({
    socket: { path: '/run/redis.sock' },
    password: 'p&w',
    database: 0,
  });
});

it('reads all of an address, and leaves a URL to the client', () => {
  expect(addressOf('/run/redis.sock?db=2&username=ada&password=pw')).toEqual({
    socket: { path: '/run/redis.sock' },
    username: 'ada',
    password: 'pw',
    database: 2,
  });
  expect(addressOf('/run/redis.sock')).toEqual({ socket: { path: '/run/redis.sock' }, database: 0 });
  expect(addressOf('redis://127.0.0.1:6379')).toEqual({ url: 'redis://127.0.0.1:6379' });
});

it('takes a store that answers for alive, though something is always in flight, and one that is silent for gone', () => {
  vi.useFakeTimers();
  const onSilence = vi.fn();
  const { asked, answered } = silenceAfter(100, onSilence);
  asked();
  for (let passed = 0; passed < 1_000; passed += 10) {
    asked();
    vi.advanceTimersByTime(10);
    answered();
  }
  expect(onSilence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(onSilence).toHaveBeenCalledTimes(1);
});

it('waits for nothing where all is answered', () => {
  vi.useFakeTimers();
  const onSilence = vi.fn();
  const { asked, answered } = silenceAfter(100, onSilence);
  asked();
  answered();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(onSilence).not.toHaveBeenCalled();
});
