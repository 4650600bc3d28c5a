import { expect, it } from 'vitest';
import { ownPeakRssBytes } from './peak-memory.ts';

it('is not below what is resident now', () => {
  expect(ownPeakRssBytes()).toBeGreaterThanOrEqual(process.memoryUsage.rss() * 0.9);
});

it('is that of getrusage where the kernel tells no other', () => {
  const byGetrusage = () => process.resourceUsage().maxRSS * 1024;
  for (const path of ['/nowhere/status', import.meta.filename]) {
    const before = byGetrusage();
    const peak = ownPeakRssBytes(path);
    expect(peak).toBeGreaterThanOrEqual(before);
    expect(peak).toBeLessThanOrEqual(byGetrusage());
  }
});
