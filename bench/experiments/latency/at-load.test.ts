/** Queues of known latency, loaded with an error of a tenth in their capacity. */
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../core/stats/random.ts';
import { BEYOND_CAPACITY, type LoadedLatency, latencyAt } from './at-load.ts';

const SERVICE_US = 20;

/** One slice of an M/M/1 queue: its utilisation, and a quantile of the time in it (Lindley's recursion). */
function slice(random: Random, utilisation: number, level: number, requests = 8_000): LoadedLatency {
  const times: number[] = [];
  let wait = 0;
  let busy = 0;
  let clock = 0;
  for (let i = -2_000; i < requests; i++) {
    const service = SERVICE_US * random.exponential();
    const gap = (SERVICE_US / utilisation) * random.exponential();
    if (i >= 0) {
      times.push(wait + service);
      busy += service;
      clock += gap;
    }
    wait = Math.max(0, wait + service - gap);
  }
  times.sort((a, b) => a - b);
  return { utilisation: busy / clock, micros: times[Math.ceil(level * requests) - 1] ?? Number.NaN };
}

/** Time in an M/M/1 queue is exponential, with mean service / (1 - utilisation). */
const truth = (utilisation: number, level: number) => (-SERVICE_US * Math.log(1 - level)) / (1 - utilisation);

function measured(seed: number, loads: readonly number[], level: number, forks = 8): LoadedLatency[][] {
  const random = createRandom(seed);
  return Array.from({ length: forks }, () =>
    loads.flatMap((load) => [slice(random, load * (1 + 0.1 * random.normal()), level)]),
  );
}

const inCapacity = (forks: readonly (readonly LoadedLatency[])[]) =>
  forks
    .map((fork) => fork.filter(({ utilisation }) => utilisation < BEYOND_CAPACITY))
    .filter((fork) => fork.length > 0);

describe('latency at a load', () => {
  it('is that at exactly this utilisation, although the average over slices is far higher', () => {
    const loads = [0.5, 0.7, 0.9];
    const LEVEL = 0.9;
    const RUNS = 20;
    const held = new Map(loads.map((load) => [load, 0]));
    let average = 0;
    let regressed = 0;
    for (let run = 0; run < RUNS; run++) {
      const forks = measured(1000 + run, loads, LEVEL);
      for (const load of loads) {
        const at = forks.map((fork) => fork.slice(loads.indexOf(load), loads.indexOf(load) + 1));
        const found = latencyAt(inCapacity(at), inCapacity(forks).flat(), load, { seed: run });
        const right = truth(load, LEVEL);
        if (found.low <= right && right <= found.high) held.set(load, (held.get(load) ?? 0) + 1);
        if (load === 0.9) regressed += Math.log(found.value / right) / RUNS;
      }
      const atMost = forks.map((fork) => fork[2]?.micros ?? Number.NaN);
      average += atMost.reduce((sum, micros) => sum + Math.log(micros / truth(0.9, LEVEL)) / forks.length, 0) / RUNS;
    }
    expect(average).toBeGreaterThan(0.15);
    expect(Math.abs(regressed)).toBeLessThan(0.08);
    for (const load of loads) expect(held.get(load), `at ${load}`).toBeGreaterThanOrEqual(RUNS * 0.8);
  });

  const line = (utilisations: readonly number[], of: (utilisation: number) => number) =>
    utilisations.map((utilisation) => ({ utilisation, micros: of(utilisation) }));
  /** Latency from the slices intended for this load. */
  const at = (points: LoadedLatency[], load: number) => {
    const own = points.filter(({ utilisation }) => Math.abs(utilisation - load) <= 0.1);
    return latencyAt([own], points, load, { seed: 1 });
  };

  it('is on the line if the line is known', () => {
    const points = line([0.4, 0.6, 0.8, 0.93], (utilisation) => 100 / (1 - utilisation));
    expect(at(points, 0.9).value).toBeCloseTo(1000, 6);
    expect(at(points, 0.5).value).toBeCloseTo(200, 6);
  });

  it('uses the slices near the load if distant ones are not on the same line', () => {
    // Like a server with a fixed service time that queues only when busy.
    const points = line([0.1, 0.2, 0.3, 0.86, 0.88, 0.92, 0.94], (utilisation) => 1000 + 100 / (1 - utilisation));
    expect(Math.abs(at(points, 0.9).value / 2000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(at(points, 0.2).value / 1125 - 1)).toBeLessThan(0.03);
  });

  it('is the average of the slices if latency fell with load, as on a shared machine', () => {
    const contrary = line([0.3, 0.5, 0.85, 0.97], (utilisation) => (utilisation < 0.6 ? 5000 : 50));
    expect(at(contrary, 0.9).value).toBeCloseTo(50, 6);
  });

  it.each([0.6, 1, 1.4])('has an interval that includes the error of the slope, when it is %d', (slope) => {
    // Every slice has a load a twentieth below the intended one, so the line is extrapolated.
    const random = createRandom(5);
    const RUNS = 300;
    const latency = (utilisation: number) => 1000 * (1 - utilisation) ** -slope;
    let held = 0;
    for (let run = 0; run < RUNS; run++) {
      const forks = Array.from({ length: 8 }, () => {
        const capacity = 0.95 * Math.exp(0.03 * random.normal());
        return [0.5, 0.9].map((load): LoadedLatency => {
          const utilisation = load * capacity;
          return { utilisation, micros: latency(utilisation) * Math.exp(0.1 * random.normal()) };
        });
      });
      const busy = forks.map((fork) => fork.slice(1));
      const { low, high } = latencyAt(inCapacity(busy), inCapacity(forks).flat(), 0.9, { seed: run });
      if (low <= latency(0.9) && latency(0.9) <= high) held++;
    }
    expect(held / RUNS).toBeGreaterThan(0.915);
  });

  it('has no interval for one slice at the load, whatever the others say about the slope', () => {
    const points = line([0.4, 0.6, 0.8, 0.88], (utilisation) => 100 / (1 - utilisation) + 10 * (utilisation - 0.5));
    const own = points.slice(3);
    expect(latencyAt([own], points, 0.9, { seed: 1 })).toMatchObject({ blocks: 1 });
    const { value, low, high } = latencyAt([own], points, 0.9, { seed: 1 });
    expect([low, high]).toEqual([value, value]);
  });

  it('is bounded by the steepest possible slope, even if a stall hides the true slope', () => {
    const own = [0.3, 0.3].map((utilisation): LoadedLatency => ({ utilisation, micros: 1_000 }));
    const stalled: LoadedLatency = { utilisation: 0.31, micros: 5e7 };
    const { value, low, high } = latencyAt([own], [...own, stalled], 0.5, { seed: 1 });
    // From 30 to 50 %, 1 / (1 - utilisation) grows by 1.4.
    const most = 1.4 ** 1.5;
    expect([value / low <= most + 1e-9, high / value <= most + 1e-9]).toEqual([true, true]);
  });

  it('uses the limiting slope of queues if all slices have the same utilisation', () => {
    const points = line([0.88, 0.88], () => 500);
    expect(at(points, 0.9).value).toBeCloseTo((500 * 0.12) / 0.1, 6);
  });
});
