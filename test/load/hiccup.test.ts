import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startHiccupMeter } from '../../bench/hiccup/meter.ts';
import { LatencyHistogram } from '../../core/results/histogram.ts';

const ENTRY = fileURLToPath(new URL('../../bench/hiccup/process.ts', import.meta.url));

/** Process ids of the meter's processes, which are children of this one. */
function meterPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(ENTRY);
      } catch {
        return false; // it has ended
      }
    });
}

/** Busy-waits, because a sleep would leave the core idle. */
function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('the hiccup meter', () => {
  it('measures the machine per period, and leaves no process', async () => {
    const meter = await startHiccupMeter();
    expect(meterPids().length).toBeGreaterThan(0);
    spin(150);
    const first = await meter.mark();
    spin(50);
    const second = await meter.mark();
    const totals = await meter.stop();
    expect(meterPids()).toEqual([]);
    expect(first.durationMs).toBeGreaterThanOrEqual(150);
    const count = (late: string) => LatencyHistogram.decode(late).count;
    // At most one wake-up per millisecond.
    expect(count(first.late)).toBeGreaterThan(0);
    expect(count(first.late)).toBeLessThanOrEqual(first.durationMs * Math.max(1, totals.cores.length) + 8);
    expect(count(totals.late)).toBeGreaterThanOrEqual(count(first.late) + count(second.late));
    // Each is the maximum over the cores, and the core may change between readings: they need not add up.
    expect(totals.durationMs).toBeGreaterThanOrEqual(Math.max(first.durationMs, second.durationMs));
    expect(totals.maxLateMicros).toBeGreaterThanOrEqual(Math.max(first.maxLateMicros, second.maxLateMicros));
    expect(first.flags.includes('machine-stalled')).toBe(first.maxLateMicros > 10_000);
  });

  it('detects a stall of the machine', async () => {
    const meter = await startHiccupMeter({ cores: [] });
    const [pid] = meterPids();
    if (pid === undefined) throw new Error('no meter process');
    const first = await meter.mark();
    process.kill(pid, 'SIGSTOP');
    spin(60);
    process.kill(pid, 'SIGCONT');
    const reading = await meter.mark();
    expect(reading.maxLateMicros).toBeGreaterThan(40_000);
    expect(reading.flags).toContain('machine-stalled');
    const totals = await meter.stop();
    expect(totals.stalls).toBeGreaterThanOrEqual(1);
    // From one process: its periods add up.
    expect(totals.durationMs).toBeGreaterThanOrEqual(first.durationMs + reading.durationMs);
  });

  it('has priority over a process that keeps its core busy, if the system allows that', async () => {
    const meter = await startHiccupMeter();
    const probe = fork(ENTRY, { execArgv: [] });
    const mayGoFirst = (() => {
      try {
        setPriority(probe.pid ?? 0, constants.priority.PRIORITY_HIGHEST);
        return true;
      } catch {
        return false;
      }
    })();
    const gone = once(probe, 'exit');
    probe.disconnect();
    await gone;
    const expected = mayGoFirst ? constants.priority.PRIORITY_HIGHEST : getPriority();
    expect(meterPids().map((pid) => getPriority(pid))).toEqual(meterPids().map(() => expected));
    await meter.stop();
  });

  it('ends when its parent is gone', async () => {
    const child = fork(ENTRY, { execArgv: [] });
    child.send({ id: 0, operation: 'start', request: { sleepMs: 1 } });
    await once(child, 'message');
    const gone = once(child, 'exit');
    child.disconnect();
    expect(await gone).toEqual([0, null]);
  });
});
