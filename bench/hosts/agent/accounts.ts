/** CPU accounts of processes on this host, for the coordinator. */
import { elapsed } from '../../load/elapsed.ts';
import { monotonicMs } from '../../load/open/alarm-clock.ts';
import { settledReadings } from '../../load/settling.ts';
import { type CpuAccount, openCpuAccount } from '../../processes/cpu.ts';
import type { Handlers } from '../../processes/rpc.ts';
import type { AGENT, HostReading } from './protocol.ts';

async function withAccounts<T>(
  pids: readonly number[],
  use: (accounts: readonly (CpuAccount | null)[]) => Promise<T>,
): Promise<T> {
  const accounts = pids.map((pid) => openCpuAccount(pid));
  try {
    return await use(accounts);
  } finally {
    for (const account of accounts) account?.close();
  }
}

const readAll = (accounts: readonly (CpuAccount | null)[]) =>
  accounts.map((account): HostReading => account?.read() ?? null);

export const accountHandlers: Pick<Handlers<typeof AGENT>, 'cpu' | 'cpuBetween'> = {
  cpu: ({ pids }) =>
    withAccounts(pids, (accounts) =>
      settledReadings(
        accounts.map((account) => (): HostReading => account?.read() ?? null),
        (one, other) => one?.ns === other?.ns,
      ),
    ),
  cpuBetween: ({ pids, fromMs, toMs }) =>
    withAccounts(pids, async (accounts) => {
      await elapsed(fromMs - monotonicMs());
      const begun = monotonicMs();
      const before = readAll(accounts);
      await elapsed(toMs - monotonicMs());
      const ended = monotonicMs();
      return { before, after: readAll(accounts), wallNs: (ended - begun) * 1e6 };
    }),
};
