/** What a process and those that it started have consumed. */
import { join } from 'node:path';
import { accountOf } from '../accounts.ts';
import { type CpuAccount, type CpuReading, openCpuAccount } from '../cpu.ts';
import { textOf } from '../groups/cgroups.ts';
import { KernelFile } from '../kernel-file.ts';
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

/** One process of a tree. */
class Member {
  readonly account: CpuAccount;
  /** Its latest reading. */
  last: CpuReading;
  readonly #children: KernelFile | null;
  #seen: string;

  private constructor(account: CpuAccount, last: CpuReading, children: KernelFile | null) {
    this.account = account;
    this.last = last;
    this.#children = children;
    this.#seen = this.#read();
  }

  /** @param mayBeNew see `AccountOptions` @returns null where it cannot be read */
  static open(pid: number, root: string, mayBeNew: boolean): Member | null {
    const account = openCpuAccount(pid, root, { withChildren: true, mayBeNew });
    const last = account?.read() ?? null;
    if (account !== null && last !== null) return new Member(account, last, childrenFile(pid, root));
    account?.close();
    return null;
  }

  /** Whether it has other children than the last time. */
  hasChanged(): boolean {
    const before = this.#seen;
    this.#seen = this.#read();
    return this.#seen !== before;
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

/** Names the children of the main thread, which starts them in most programs; null where the kernel does not tell. */
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
 * What a process and those below it consumed together, while they start others and end. One that started after the last
 * reading is counted from its start. Of one that ended, its last reading stays counted; what it consumed after that is in the
 * clock ticks of the process that waited for it. So is all of one that started and ended between two readings.
 */
class TreeAccount implements CpuAccount {
  readonly #pid: number;
  readonly #root: string;
  readonly #members = new Map<number, Member>();
  /** What is counted apart from the latest readings of the members. */
  readonly #beside = { ns: 0, ticksNs: 0, reaped: 0 };
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
    // Once more where one has ended, so that the reading of the process that waited for it holds it.
    for (let ended = this.#readMembers(); ended.length > 0; ended = this.#readMembers()) gone.push(...ended);
    if (!this.#members.has(this.#pid)) return null;
    const isWaitedFor = [...this.#members].some(([pid, { last }]) => (last.reaped ?? 0) > (reapedBefore.get(pid) ?? 0));
    for (const { last } of gone) this.#keep(last, isWaitedFor);
    const hasChanged = [...this.#members.values()].map((member) => member.hasChanged()).includes(true);
    if (gone.length > 0 || hasChanged) this.#adopt();
    this.#readAtMs = performance.now();
    return this.#sum();
  }

  close(): void {
    for (const member of this.#members.values()) member.close();
    this.#members.clear();
  }

  /** @returns those that have ended, which are no members any more */
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

  #keep({ ns, ticksNs, reaped = 0 }: CpuReading, isWaitedFor: boolean): void {
    this.#beside.ns += ns;
    // Clock ticks of one that was waited for are now its parent's; a control group has none.
    if (ticksNs === null || !isWaitedFor) this.#beside.ticksNs += ticksNs ?? ns;
    this.#beside.reaped += reaped + 1;
  }

  /** Takes in processes that are not known yet. @returns whether all of them can be read */
  #adopt(): boolean {
    let isWhole = true;
    for (const pid of accountedTree(this.#pid, this.#root)) {
      if (this.#members.has(pid)) continue;
      // The first shows that the kernel keeps accounts. One below it may have been forked a moment ago.
      const member = Member.open(pid, this.#root, pid !== this.#pid);
      isWhole &&= member !== null;
      if (member === null) continue;
      this.#members.set(pid, member);
      if (startedAgoMs(pid, this.#root) > performance.now() - this.#readAtMs + START_MARGIN_MS) {
        // It was overlooked until now, so what it has consumed belongs to no reading.
        this.#beside.ns -= member.last.ns;
        this.#beside.ticksNs -= member.last.ticksNs ?? member.last.ns;
      }
    }
    return isWhole;
  }

  #sum(): CpuReading {
    const sum = { ...this.#beside };
    for (const { last } of this.#members.values()) {
      sum.ns += last.ns;
      sum.ticksNs += last.ticksNs ?? last.ns;
      sum.reaped += last.reaped ?? 0;
    }
    return this.source === 'group' ? { ...sum, ticksNs: null } : sum;
  }
}

/** Starts are known to a clock tick of 10 ms. */
const START_MARGIN_MS = 20;

/** @returns NaN where that is not known */
function startedAgoMs(pid: number, root: string): number {
  const stat = textOf(join(root, `proc/${pid}/stat`));
  // The field 22 of proc(5), in clock ticks since the system started; the first after the name is 3.
  const startedTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3] ?? Number.NaN);
  return 1000 * Number.parseFloat(textOf(join(root, 'proc/uptime'))) - 10 * startedTicks;
}

/**
 * The account of a process with all that it starts. Unless one control group holds all of them, its readings say by `reaped`
 * whether a process has ended.
 * @returns null when one of them cannot be read
 */
export function openTreeAccount(pid: number, root = '/'): CpuAccount | null {
  const pids = accountedTree(pid, root);
  if (pids.length === 1 && accountOf(pid, root) !== null) return openCpuAccount(pid, root);
  return TreeAccount.open(pid, root);
}
