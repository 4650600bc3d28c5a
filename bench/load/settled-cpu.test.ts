import { expect, it } from 'vitest';
import type { CpuAccount, CpuReading } from '../processes/cpu.ts';
import { SettledCpu } from './settled-cpu.ts';

/** A process whose account lags behind by some ms, as that of a running thread does. */
class LateProcess {
  #seenNs = 1e9;
  isGone = false;
  closed = 0;
  readonly ticks: { ns: number } | null;

  constructor(ticks: { ns: number } | null = null) {
    this.ticks = ticks;
  }

  /** @param lostNs CPU time of a thread that exits, so that its account disappears */
  use(ns: number, lostNs = 0): void {
    setTimeout(() => {
      this.#seenNs += ns;
    }, 6);
    if (this.ticks !== null) this.ticks.ns += ns + lostNs;
  }

  open = (): CpuAccount => ({
    source: this.ticks === null ? 'group' : 'threads',
    read: (): CpuReading | null => (this.isGone ? null : { ns: this.#seenNs, ticksNs: this.ticks?.ns ?? null }),
    close: () => {
      this.closed++;
    },
  });
}

it('assigns all CPU time to the right piece of work, to the nanosecond', async () => {
  const late = new LateProcess();
  late.use(7e6);
  const account = await SettledCpu.open(1, late.open);
  late.use(3e6);
  expect(await account.spent()).toEqual({ ns: 3e6, complete: true });
  late.use(5e6);
  expect(await account.spent()).toEqual({ ns: 5e6, complete: true });
  expect(await account.spent()).toEqual({ ns: 0, complete: true });
  account.close();
  expect(late.closed).toBe(1);
});

it('includes threads that have exited, and reports that the account lacks them', async () => {
  const late = new LateProcess({ ns: 0 });
  const account = await SettledCpu.open(1, late.open);
  late.use(10e6, 90e6);
  expect(await account.spent()).toEqual({ ns: 100e6, complete: false });
});

it('returns null for a process that ended, cannot be read, or does not exist', async () => {
  const late = new LateProcess();
  const account = await SettledCpu.open(1, late.open);
  late.isGone = true;
  expect(await account.spent()).toBeNull();
  expect(await (await SettledCpu.open(1, () => null)).spent()).toBeNull();
  expect(await (await SettledCpu.open(null, late.open)).spent()).toBeNull();
});
