import { expect, it } from 'vitest';
import { burn } from './burn.ts';

it('burns as much time as it is told, and looks at the clock all the while', () => {
  burn(1_000);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const looks = burn(20_000);
  expect(performance.now() - start).toBeGreaterThanOrEqual(20);
  // A machine that is busy elsewhere gives it less CPU time than has passed, never nothing.
  expect(process.cpuUsage(cpu).user + process.cpuUsage(cpu).system).toBeGreaterThan(0);
  expect(looks).toBeGreaterThan(100);
});

it('burns nothing where it is told nothing', () => {
  expect(burn(0)).toBe(1);
});
