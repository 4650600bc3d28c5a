import { expect, it } from 'vitest';
import { startAlarm } from './alarm.ts';

it('rings once for each time it is set, never early', async () => {
  const alarm = await startAlarm();
  let rings = 0;
  for (const micros of [3000, 500, -10, 12_000]) {
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      alarm.set(micros, () => {
        rings++;
        resolve();
      });
    });
    expect((performance.now() - startMs) * 1000).toBeGreaterThan(micros - 20);
  }
  expect(rings).toBe(4);
  await alarm.stop();
});

it('refuses to be set twice', async () => {
  const alarm = await startAlarm();
  alarm.set(1_000_000, () => {});
  expect(() => alarm.set(1, () => {})).toThrow('set already');
  await alarm.stop();
});
