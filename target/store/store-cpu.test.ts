import { expect, it } from 'vitest';
import type { CpuAccount, CpuReading } from '../../bench/processes/cpu.ts';
import { StoreCpu } from './store-cpu.ts';

const MS = 1e6;

/** An account with these readings in sequence. */
function accountOf(...readings: (CpuReading | null)[]): CpuAccount & { closed: number } {
  const left = [...readings];
  return {
    source: 'threads',
    closed: 0,
    read: () => left.shift() ?? null,
    close() {
      this.closed += 1;
    },
  };
}
const at = (ms: number, ticksMs: number | null) => ({ ns: ms * MS, ticksNs: ticksMs === null ? null : ticksMs * MS });

it('adds up the CPU time since it was opened', () => {
  const cpu = new StoreCpu(accountOf(at(500, null), at(503, null), at(510, null)), () => expect.unreachable());
  expect([cpu.read(), cpu.read()]).toEqual([3 * MS, 10 * MS]);
});

it('includes the time of ended processes from clock ticks, and reports that once', () => {
  let told = 0;
  const cpu = new StoreCpu(accountOf(at(500, 500), at(510, 600), at(520, 700), at(521, 700)), () => {
    told += 1;
  });
  expect([cpu.read(), cpu.read(), cpu.read()]).toEqual([100 * MS, 200 * MS, 201 * MS]);
  expect(told).toBe(1);
});

it('has no figure if its first process cannot be read, or has ended', () => {
  expect(new StoreCpu(null, () => expect.unreachable()).read()).toBeNull();
  const account = accountOf(at(500, 500), at(501, 500), null);
  const cpu = new StoreCpu(account, () => expect.unreachable());
  expect([cpu.read(), cpu.read(), cpu.read()]).toEqual([MS, null, null]);
  cpu.close();
  expect(account.closed).toBe(1);
});
