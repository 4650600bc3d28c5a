import { afterEach, expect, it, vi } from 'vitest';
import { silenceAfter } from './node-redis.ts';

afterEach(() => void vi.useRealTimers());

it('considers a store alive that responds, although something is always in flight, and a silent one gone', () => {
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

it('has no time-out if everything is answered', () => {
  vi.useFakeTimers();
  const onSilence = vi.fn();
  const { asked, answered } = silenceAfter(100, onSilence);
  asked();
  answered();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(onSilence).not.toHaveBeenCalled();
});
