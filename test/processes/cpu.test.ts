/** CPU time of processes whose threads end: by control group, by threads, and by clock ticks. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CpuShares } from '../../bench/fleet/shares.ts';
import { accountOf, CpuAccounts } from '../../bench/processes/accounts.ts';
import { type CpuAccount, complete, openCpuAccount } from '../../bench/processes/cpu.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { openTreeAccount } from '../../bench/processes/trees/tree-accounts.ts';
import { startThreads, type ThreadedProcess } from '../support/threads.ts';

let janitor: Janitor;
let threaded: ThreadedProcess;
const open: CpuAccount[] = [];
beforeAll(async () => {
  janitor = await Janitor.start();
  threaded = await startThreads();
});
afterEach(() => {
  for (const account of open.splice(0)) account.close();
});
afterAll(async () => {
  await threaded.stop();
  await janitor.finish();
});

function account(pid: number): CpuAccount {
  const opened = openCpuAccount(pid);
  if (opened === null) throw new Error('CPU time cannot be read here');
  open.push(opened);
  return opened;
}
function reading(of: CpuAccount) {
  const now = of.read();
  if (now === null) throw new Error('the process is gone');
  return now;
}

const BURNED_MICROS = 250_000;

it('counts a thread that has ended in clock ticks', async () => {
  const threads = account(threaded.pid);
  expect(threads.source).toBe('threads');
  const [before, own] = [reading(threads), await threaded.ask({})];
  const spentUs = (await threaded.ask({ burnInThread: BURNED_MICROS })) - own;
  const after = reading(threads);
  const { ns, complete: isComplete } = complete(after.ns - before.ns, (after.ticksNs ?? 0) - (before.ticksNs ?? 0));
  expect(spentUs).toBeGreaterThan(BURNED_MICROS);
  // The accounts of the remaining threads.
  expect(after.ns - before.ns).toBeLessThan(BURNED_MICROS * 1000);
  expect(isComplete).toBe(false);
  expect(Math.abs(ns - spentUs * 1000)).toBeLessThanOrEqual(30e6);
});

it('never decreases for a process whose threads start and end all the time', async () => {
  const threads = account(threaded.pid);
  await threaded.ask({ hurry: true });
  let last = 0;
  for (let i = 0; i < 300; i++) {
    const { ns } = reading(threads);
    expect(ns).toBeGreaterThanOrEqual(last);
    last = ns;
    // Readings of a fresh account, in which every thread is new.
    expect(openOnce(threaded.pid)).not.toBeNull();
  }
  await threaded.ask({ hurry: false });
});

function openOnce(pid: number) {
  const opened = openCpuAccount(pid);
  opened?.close();
  return opened;
}

it('includes everything in a control group, ended threads and the process itself, whatever its limit', async () => {
  const accounts = CpuAccounts.open(janitor);
  if (typeof accounts === 'string') {
    expect(accounts).toMatch(/control group/);
    return;
  }
  expect(accounts.add(threaded.pid)).toBe(true);
  const group = account(threaded.pid);
  expect(group.source).toBe('group');
  const [before, own] = [reading(group), await threaded.ask({})];
  // Threads of the previous test may have ended.
  const asked = reading(group);
  const spentUs = (await threaded.ask({ burnInThread: BURNED_MICROS, burn: 20_000 })) - own;
  // It waits for the next message, so its account is up to date; that includes the cost of answering the first.
  const { ns, ticksNs } = reading(group);
  expect(ticksNs).toBeNull();
  expect(ns - before.ns).toBeGreaterThan(spentUs * 1000 * 0.99);
  expect(ns - asked.ns).toBeLessThan(spentUs * 1000 * 1.01 + 5e6);

  const shares = CpuShares.open(janitor);
  if (typeof shares === 'string') return;
  shares.limit(threaded.pid, 0.5, 'steady');
  shares.limit(threaded.pid, 0.2, 'warm');
  shares.release(threaded.pid);
  // The account continues: limits do not move the process out of its group.
  expect(reading(group).ns).toBeGreaterThanOrEqual(ns);
  const path = accountOf(threaded.pid)?.path ?? '';
  expect(existsSync(path)).toBe(true);
  await threaded.stop();
  accounts.sweep();
  shares.sweep();
  expect(existsSync(path)).toBe(false);
  threaded = await startThreads();
});

it('includes a child that started and ended between two readings, from its parent’s account', async () => {
  const burn = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  const shell = spawn('/bin/sh', ['-c', 'while read -r _; do /bin/sh -c "$0"; times; done', burn], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(shell.stdout)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  try {
    const tree = openTreeAccount(shell.pid ?? 0);
    if (tree === null) throw new Error('CPU time cannot be read here');
    open.push(tree);
    const before = reading(tree);
    shell.stdin.write('go\n');
    // `times` reports user and system time of the shell itself, and then of its children.
    const [, children] = [await next(), await next()];
    const told = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
      ([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds),
    );
    const spentMs = 1000 * told.reduce((sum, seconds) => sum + seconds, 0);
    const after = reading(tree);
    expect(spentMs).toBeGreaterThan(40);
    expect(after.reaped).toBeGreaterThan(before.reaped ?? Number.POSITIVE_INFINITY);
    const { ns, complete: isComplete } = complete(after.ns - before.ns, (after.ticksNs ?? 0) - (before.ticksNs ?? 0));
    expect(isComplete).toBe(false);
    expect(Math.abs(ns / 1e6 - spentMs)).toBeLessThanOrEqual(40);
  } finally {
    shell.kill('SIGKILL');
  }
});

it('leaves no group behind, however the run ends', async () => {
  const own = await Janitor.start();
  const accounts = CpuAccounts.open(own);
  if (typeof accounts === 'string') return;
  const child = await startThreads();
  own.watch(child.child);
  accounts.add(child.pid);
  const path = accountOf(child.pid)?.path ?? '';
  expect(existsSync(path)).toBe(true);
  await own.finish();
  expect(existsSync(path)).toBe(false);
});
