import { afterEach, expect, it, vi } from 'vitest';
import { ClockWatch, stepNote } from './clock-watch.ts';

afterEach(() => vi.restoreAllMocks());

const hourLater = (stepMs: number) =>
  stepNote(
    { wallMs: 1_800_000_000_000, monotonicMs: 500 },
    { wallMs: 1_800_003_600_000 + stepMs, monotonicMs: 3_600_500 },
  );

it('says in which direction the clock was moved, and what that may change', () => {
  expect(hourLater(3_600_000)).toMatch(/ahead by 1\sh: it was set, or the machine slept.*expired early/);
  expect(hourLater(-20_000)).toMatch(/set back by 20\ss\..*lived longer/);
});

it('says nothing of a clock that a time server corrects gradually', () => {
  // 500 ppm, the fastest correction of the kernel: 1.8 s in an hour.
  expect(hourLater(1_800)).toBeNull();
  expect(hourLater(-1_800)).toBeNull();
  expect(hourLater(4_700)).not.toBeNull();
});

it('compares the clocks of now with those of its start', () => {
  const clocks = new ClockWatch();
  expect(clocks.notes()).toEqual([]);
  const real = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(real - 86_400_000);
  expect(clocks.notes()).toEqual([expect.stringContaining('set back')]);
});
