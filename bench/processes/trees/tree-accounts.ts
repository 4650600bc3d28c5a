/** What a process and those that it started have consumed. */
import { accountOf } from '../accounts.ts';
import { type CpuAccount, type CpuReading, openCpuAccount } from '../cpu.ts';
import { childrenOf } from './process-tree.ts';

/**
 * The processes of a tree whose accounts together hold what all of it consumed: a process in the control group of one above
 * it is in that one's account, and would be counted twice.
 */
export function accountedTree(pid: number, root = '/', isCovered = false): number[] {
  const hasOwn = accountOf(pid, root) !== null;
  const below = childrenOf(pid, root).flatMap((child) => accountedTree(child, root, isCovered || hasOwn));
  return hasOwn || !isCovered ? [pid, ...below] : below;
}

/** What several processes consumed together; null as soon as one of them is gone. */
class SummedAccount implements CpuAccount {
  readonly source: CpuAccount['source'];
  readonly #accounts: readonly CpuAccount[];

  constructor(accounts: readonly CpuAccount[]) {
    this.#accounts = accounts;
    this.source = accounts.some(({ source }) => source === 'threads') ? 'threads' : 'group';
  }

  read(): CpuReading | null {
    let ns = 0;
    let ticksNs = 0;
    for (const account of this.#accounts) {
      const reading = account.read();
      if (reading === null) return null;
      ns += reading.ns;
      ticksNs += reading.ticksNs ?? reading.ns;
    }
    return { ns, ticksNs: this.source === 'group' ? null : ticksNs };
  }

  close(): void {
    for (const account of this.#accounts) account.close();
  }
}

/**
 * The account of a process with its present descendants: those that it starts later are included only if it has a
 * control group to itself.
 * @returns null when one of them cannot be read
 */
export function openTreeAccount(pid: number, root = '/'): CpuAccount | null {
  const accounts = accountedTree(pid, root).map((each) => openCpuAccount(each, root));
  const found = accounts.filter((account) => account !== null);
  if (found.length === accounts.length) return found.length === 1 ? (found[0] ?? null) : new SummedAccount(found);
  for (const account of found) account.close();
  return null;
}
