import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { combineReadings } from './meter.ts';
import { HiccupRecorder } from './recorder.ts';
import { parseCpuTicks, stealPercent } from './steal.ts';

describe('the recorder', () => {
  it('records by how much each sleep exceeded its target', () => {
    const recorder = new HiccupRecorder(1000, 0);
    for (const now of [1000, 2100, 3100, 18_100]) recorder.wake(now);
    const reading = recorder.mark(18_100);
    expect(reading).toMatchObject({ durationMs: 18.1, maxLateMicros: 14_000, stalls: 1 });
    const late = LatencyHistogram.decode(reading.late);
    expect([late.count, late.percentile(50), late.percentile(75)]).toEqual([4, 0, 100]);
  });

  it('begins a new period at each mark and keeps the total', () => {
    const recorder = new HiccupRecorder(1000, 0);
    recorder.wake(21_000);
    expect(recorder.mark(21_000).stalls).toBe(1);
    recorder.wake(22_000);
    expect(recorder.mark(22_000)).toMatchObject({ durationMs: 1, maxLateMicros: 0, stalls: 0 });
    expect(recorder.total(22_000)).toMatchObject({ durationMs: 22, maxLateMicros: 20_000, stalls: 1 });
  });

  it('does not count its own responses as hiccups', () => {
    const recorder = new HiccupRecorder(1000, 0);
    recorder.mark(0);
    recorder.resume(50_000);
    recorder.wake(51_000);
    expect(recorder.mark(51_000).maxLateMicros).toBe(0);
  });

  it('does not count a delay of 10 ms or less as a stall', () => {
    const recorder = new HiccupRecorder(1000, 0);
    recorder.wake(11_000);
    expect(recorder.mark(11_000).stalls).toBe(0);
    recorder.wake(22_001);
    expect(recorder.mark(22_001).stalls).toBe(1);
  });
});

describe('combineReadings', () => {
  const core = (...lates: number[]) => {
    const recorder = new HiccupRecorder(1000, 0);
    let now = 0;
    for (const late of lates) {
      now += 1000 + late;
      recorder.wake(now);
    }
    return recorder.mark(now);
  };

  it('takes the worst of the cores, and the records of all', () => {
    const reading = combineReadings([core(10, 20), core(5, 12_000)], 0);
    expect(reading).toMatchObject({ maxLateMicros: 12_000, stalls: 1, stealPercent: 0, flags: ['machine-stalled'] });
    expect(LatencyHistogram.decode(reading.late).count).toBe(4);
  });

  it('flags stolen time above 2 %, and nothing on an idle machine', () => {
    expect(combineReadings([core(100)], 2.1).flags).toEqual(['cpu-stolen']);
    expect(combineReadings([core(100)], 2).flags).toEqual([]);
    expect(combineReadings([core(100)], null)).toMatchObject({ stealPercent: null, flags: [] });
  });
});

describe('steal', () => {
  const stat = (steal: number, idle: number) =>
    `cpu  100 20 30 ${idle} 5 0 5 ${steal} 40 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 1\n`;

  it('is the share of the eighth field, without counting guest time twice', () => {
    expect(parseCpuTicks(stat(40, 800))).toEqual({ steal: 40, total: 1000 });
    const [from, to] = [parseCpuTicks(stat(40, 800)), parseCpuTicks(stat(60, 980))];
    if (from === null || to === null) throw new Error('not parsed');
    expect(stealPercent(from, to)).toBe(10);
    expect(stealPercent(to, to)).toBe(0);
  });

  it('is unknown if the line is missing or too old to have the field', () => {
    expect(parseCpuTicks('intr 1\n')).toBeNull();
    expect(parseCpuTicks('cpu  1 2 3 4\n')).toBeNull();
  });
});
