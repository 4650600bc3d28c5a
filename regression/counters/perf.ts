/** Hardware counters of a running process, by perf, if machine and system support them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as elapsed } from 'node:timers/promises';
import { findOnPath } from '../../bench/processes/executables.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';

/** In user space only, which needs no privilege and excludes the kernel's work for other processes. */
const EVENTS = ['instructions:u', 'cycles:u'] as const;
const ANSWER_WITHIN_MS = 10_000;

export interface Counters {
  readonly instructions: number;
  /** Null if the machine counts only instructions. */
  readonly cycles: number | null;
}

/** Whether there are counters, and a sentence that names those used or the reason why there are none. */
export interface CounterSupport {
  readonly perf: string | null;
  readonly says: string;
}

/** Never throws: counters are optional. */
export async function findCounters(path = process.env.PATH ?? ''): Promise<CounterSupport> {
  const perf = findOnPath(['perf'], path);
  if (perf === null) return { perf, says: 'Hardware counters were not read: perf is not installed.' };
  return supportOf(perf, await tryOut(perf));
}

/** @returns perf's output for a program that does nothing */
function tryOut(perf: string): Promise<string> {
  return new Promise((resolve) => {
    const words = ['stat', '-x,', '-e', EVENTS.join(','), '--', 'true'];
    execFile(perf, words, { timeout: ANSWER_WITHIN_MS, env: ENGLISH }, (_error, _stdout, stderr) => resolve(stderr));
  });
}

const ENGLISH = { ...process.env, LC_ALL: 'C' };

/** @param text the output of `perf stat -x,`. Pure */
export function supportOf(perf: string, text: string): CounterSupport {
  if (countersIn(text) !== null) {
    const pmus = [...new Set(countsIn(text).flatMap(({ pmu }) => pmu ?? []))];
    const of = pmus.length === 0 ? '' : `, of cores of the kind ${pmus.join(' and ')}`;
    return { perf, says: `Hardware counters were read by perf: ${EVENTS.join(', ')}${of}.` };
  }
  const because = (reason: string) => ({ perf: null, says: `Hardware counters were not read: ${reason}.` });
  if (/<not supported>/.test(text)) return because('the PMU is not available here, as in most virtual machines');
  if (/perf_event_paranoid|permitted|permission|access/i.test(text)) {
    return because('the system does not allow it, see kernel.perf_event_paranoid');
  }
  return because(`perf says ${JSON.stringify(text.trim().split('\n')[0]?.slice(0, 100) ?? '')}`);
}

interface Count {
  /** The kind of core, as in `cpu_core/instructions:u/`; null where all cores are alike. */
  readonly pmu: string | null;
  readonly event: string;
  readonly count: number;
}

/** What was counted: on CPUs of several kinds each event has a line for each kind, often with one `<not counted>`. */
function countsIn(text: string): Count[] {
  return text.split('\n').flatMap((line) => {
    const [value = '', , name = ''] = line.split(',');
    if (!/^\d+$/.test(value)) return [];
    const [, pmu = null, event = name] = /^(\w+)\/(.+?)\/?$/.exec(name) ?? [];
    return [{ pmu, event: event.replace(/:u$/, '').replace(/\/u?$/, ''), count: Number(value) }];
  });
}

/**
 * Counts in the output of `perf stat -x,`, of all kinds of cores together; null if instructions are missing. Pure.
 */
export function countersIn(text: string): Counters | null {
  const found = new Map<string, number>();
  for (const { event, count } of countsIn(text)) found.set(event, (found.get(event) ?? 0) + count);
  const instructions = found.get('instructions');
  return instructions === undefined ? null : { instructions, cycles: found.get('cycles') ?? null };
}

/**
 * Counts what a process does while `work` runs; perf acknowledges the start and the end. @returns null if perf cannot
 * count it
 */
export async function countWhile(
  perf: string,
  pid: number,
  janitor: Pick<Janitor, 'watch'>,
  work: () => Promise<void>,
): Promise<Counters | null> {
  const words = ['stat', '-x,', '-e', EVENTS.join(','), '-p', String(pid), '--control', 'fd:3,4', '--delay', '-1'];
  const child = spawn(perf, words, { env: ENGLISH, stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  janitor.watch(child);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const gone = once(child, 'close').then(
    () => false,
    () => false,
  );
  const tell = (command: string) => Promise.race([acknowledged(child, command), gone, late()]);
  try {
    if (!(await tell('enable'))) return null;
    await work();
    if (!(await tell('disable'))) return null;
    child.kill('SIGINT');
    await Promise.race([gone, late()]);
    return countersIn(said);
  } finally {
    child.kill('SIGKILL');
  }
}

const late = () => elapsed(ANSWER_WITHIN_MS, false, { ref: false });

/** Sends perf a command and waits for its acknowledgement. */
async function acknowledged(child: ChildProcess, command: string): Promise<boolean> {
  const [control, answers] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
  for (const stream of [control, answers]) stream.on('error', () => {});
  const answer = once(answers, 'data');
  control.write(`${command}\n`);
  return (await answer).toString().includes('ack');
}
