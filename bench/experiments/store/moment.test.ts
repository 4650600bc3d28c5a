import { expect, it, onTestFinished, vi } from 'vitest';
import { momentIn, reach } from './moment.ts';

it.each([3_600_000, -3_600_000])('is reached in its time although the wall clock steps by %i ms', async (stepMs) => {
  const real = Date.now();
  const moment = momentIn(30);
  expect(moment.atMs - real).toBeGreaterThanOrEqual(30);
  const stepped = vi.spyOn(Date, 'now').mockReturnValue(real + stepMs);
  onTestFinished(() => stepped.mockRestore());
  await reach(moment);
  expect(performance.now()).toBeGreaterThanOrEqual(moment.dueMs);
});
