import { expect, it } from 'vitest';
import { ownPeakRssBytes } from './peak-memory.ts';

it('is at least the current resident memory', () => {
  expect(ownPeakRssBytes()).toBeGreaterThanOrEqual(process.memoryUsage.rss() * 0.9);
});

it('is that of getrusage if the kernel offers no other', () => {
  const byGetrusage = () => process.resourceUsage().maxRSS * 1024;
  for (const path of ['/nowhere/status', import.meta.filename]) {
    const before = byGetrusage();
    const peak = ownPeakRssBytes(path);
    expect(peak).toBeGreaterThanOrEqual(before);
    expect(peak).toBeLessThanOrEqual(byGetrusage());
  }
});
