/** CPU time of a process and its descendants. */
import { join } from 'node:path';
import { accountOf } from '../accounts.ts';
import { type CpuAccount, type CpuReading, openCpuAccount } from '../cpu.ts';
import { textOf } from '../groups/cgroups.ts';
import { KernelFile } from '../kernel-file.ts';
import { childrenOf } from './process-tree.ts';

/**
 * The processes of a tree whose accounts together cover all of it. A process in the control group of an ancestor is
 * in that ancestor's account, and would otherwise be counted twice.
 */
export function accountedTree(pid: number, root = '/', isCovered = false): number[] {
  const hasOwn = accountOf(pid, root) !== null;
  const below = childrenOf(pid, root).flatMap((child) => accountedTree(child, root, isCovered || hasOwn));
  return hasOwn || !isCovered ? [pid, ...below] : below;
}

/** One process of a tree. */
class Member {
  readonly account: CpuAccount;
  /** Its latest reading. */
  last: CpuReading;
  /** Its CPU time when the tree began to count it. */
  fromNs: number;
  readonly #children: KernelFile | null;
  #seen: string;

  private constructor(account: CpuAccount, last: CpuReading, children: KernelFile | null) {
    this.account = account;
    this.last = last;
    this.fromNs = last.ns;
    this.#children = children;
    this.#seen = this.#read();
  }

  /**
   * @param mayBeNew see `AccountOptions`
   *
   * @returns null if it cannot be read
   */
  static open(pid: number, root: string, mayBeNew: boolean): Member | null {
    const account = openCpuAccount(pid, root, { withChildren: true, mayBeNew });
    const last = account?.read() ?? null;
    if (account !== null && last !== null) return new Member(account, last, childrenFile(pid, root));
    account?.close();
    return null;
  }

  /** Whether it has other children than last time. */
  hasChanged(): boolean {
    const before = this.#seen;
    this.#seen = this.#read();
    return this.#seen !== before;
  }

  /** Whether its clock ticks are rounded otherwise than when it was opened. */
  get isBusy(): boolean {
    return this.last.ticksNs !== null && this.last.ns > this.fromNs;
  }

  close(): void {
    this.account.close();
    this.#children?.close();
  }

  #read(): string {
    try {
      return this.#children?.read() ?? '';
    } catch {
      return '';
    }
  }
}

/** Lists the children of the main thread, which starts them in most programs; null if the kernel does not tell. */
function childrenFile(pid: number, root: string): KernelFile | null {
  try {
    return new KernelFile(join(root, `proc/${pid}/task/${pid}/children`));
  } catch {
    return null;
  }
}

/** Processes may start and end while a tree is opened. */
const LOOKS = 3;

/**
 * CPU time of a process and all its descendants, while they start and end. A process that started after the last
 * reading is counted from its start. After a process ends, its last reading stays counted; its later CPU time is in
 * the clock ticks of the process that waited for it, as is all CPU time of a process that started and ended between
 * two readings.
 */
class TreeAccount implements CpuAccount {
  readonly #pid: number;
  readonly #root: string;
  readonly #members = new Map<number, Member>();
  /** Amounts that are not in the latest readings of the members. */
  readonly #beside = { ns: 0, ticksNs: 0, reaped: 0, busy: 0 };
  #readAtMs = Number.NEGATIVE_INFINITY;

  private constructor(pid: number, root: string) {
    this.#pid = pid;
    this.#root = root;
  }

  static open(pid: number, root: string): TreeAccount | null {
    const tree = new TreeAccount(pid, root);
    for (let look = 0; look < LOOKS; look++) if (tree.#adopt() && tree.read() !== null) return tree;
    tree.close();
    return null;
  }

  get source(): CpuAccount['source'] {
    return [...this.#members.values()].some(({ account }) => account.source === 'threads') ? 'threads' : 'group';
  }

  /** @returns null once the first process is gone */
  read(): CpuReading | null {
    const reapedBefore = new Map([...this.#members].map(([pid, { last }]) => [pid, last.reaped ?? 0]));
    const gone: Member[] = [];
    // Reads again if a process has ended, so that the reading of the process that waited for it includes it.
    for (let ended = this.#readMembers(); ended.length > 0; ended = this.#readMembers()) gone.push(...ended);
    if (!this.#members.has(this.#pid)) return null;
    const isWaitedFor = [...this.#members].some(([pid, { last }]) => (last.reaped ?? 0) > (reapedBefore.get(pid) ?? 0));
    for (const member of gone) this.#keep(member, isWaitedFor);
    const hasChanged = [...this.#members.values()].map((member) => member.hasChanged()).includes(true);
    if (gone.length > 0 || hasChanged) this.#adopt();
    this.#readAtMs = performance.now();
    return this.#sum();
  }

  close(): void {
    for (const member of this.#members.values()) member.close();
    this.#members.clear();
  }

  /** @returns those that have ended, which are no longer members */
  #readMembers(): Member[] {
    return [...this.#members].flatMap(([pid, member]) => {
      const reading = member.account.read();
      if (reading !== null) {
        member.last = reading;
        return [];
      }
      this.#members.delete(pid);
      member.close();
      return [member];
    });
  }

  #keep({ last: { ns, ticksNs, reaped = 0 }, isBusy }: Member, isWaitedFor: boolean): void {
    this.#beside.ns += ns;
    // Clock ticks of a process that was waited for are now its parent's; a control group has none.
    if (ticksNs === null || !isWaitedFor) this.#beside.ticksNs += ticksNs ?? ns;
    this.#beside.reaped += reaped + 1;
    if (isBusy) this.#beside.busy++;
  }

  /**
   * Adds processes that are not known yet.
   *
   * @returns whether all of them can be read
   */
  #adopt(): boolean {
    let isWhole = true;
    for (const pid of accountedTree(this.#pid, this.#root)) {
      if (this.#members.has(pid)) continue;
      // The first process shows that the kernel keeps accounts. A descendant may have been forked a moment ago.
      const member = Member.open(pid, this.#root, pid !== this.#pid);
      isWhole &&= member !== null;
      if (member === null) continue;
      this.#members.set(pid, member);
      if (startedAgoMs(pid, this.#root) > performance.now() - this.#readAtMs + START_MARGIN_MS) {
        // It was overlooked until now, so its CPU time so far belongs to no reading.
        this.#beside.ns -= member.last.ns;
        this.#beside.ticksNs -= member.last.ticksNs ?? member.last.ns;
      } else if (this.#readAtMs > 0) member.fromNs = 0;
    }
    return isWhole;
  }

  #sum(): CpuReading {
    const { busy: ended, ...beside } = this.#beside;
    const sum = { ...beside };
    let busy = ended;
    for (const { last, isBusy } of this.#members.values()) {
      if (isBusy) busy++;
      sum.ns += last.ns;
      sum.ticksNs += last.ticksNs ?? last.ns;
      sum.reaped += last.reaped ?? 0;
    }
    return this.source === 'group' ? { ...sum, ticksNs: null } : { ...sum, ...(busy > 1 ? { busy } : {}) };
  }
}

/** Start times have a resolution of one clock tick, 10 ms. */
const START_MARGIN_MS = 20;

/** @returns NaN if unknown */
function startedAgoMs(pid: number, root: string): number {
  const stat = textOf(join(root, `proc/${pid}/stat`));
  // Field 22 of proc(5), in clock ticks since boot; the first field after the name is number 3.
  const startedTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3] ?? Number.NaN);
  return 1000 * Number.parseFloat(textOf(join(root, 'proc/uptime'))) - 10 * startedTicks;
}

/**
 * The account of a process and its descendants. Unless one control group contains all of them, `reaped` in its
 * readings shows whether a process has ended.
 *
 * @returns null if one of them cannot be read
 */
export function openTreeAccount(pid: number, root = '/'): CpuAccount | null {
  const pids = accountedTree(pid, root);
  if (pids.length === 1 && accountOf(pid, root) !== null) return openCpuAccount(pid, root);
  return TreeAccount.open(pid, root);
}
