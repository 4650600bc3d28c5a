/** How processes end: killed by us, or by themselves with a reason. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ProcessHandle } from './rpc.ts';

/** Kills a process that has no state to save; a stuck one would ignore a gentler signal. Resolves once it is gone. */
export async function kill(child: ProcessHandle): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Sends a signal to a process, or to a group if `pid` is negative. Does nothing if it has already ended. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills the process group that a detached child leads, if anything is left of it. */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid !== undefined) signalIfAlive(-pid, 'SIGKILL');
}

/** `SIGKILL` or `exit code 1`. */
export function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ?? `exit code ${code}`;
}

const KEPT = 4_000;
const LONGEST = 200;

/**
 * Collects what a process writes to stderr, which must be piped.
 *
 * @returns gives `: ` and the line that best explains why the process ended; empty if it wrote nothing
 */
export function lastWords(child: Pick<ProcessHandle, 'stderr'>): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-KEPT);
  });
  return () => {
    const line = mostInformativeLine(text);
    return line === '' ? '' : `: ${line.slice(0, LONGEST)}`;
  };
}

/** The line of a process's stderr that best explains why it ended; empty if there is none. */
export function mostInformativeLine(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return (
    // Node prints the source line that threw before the error itself.
    lines.find((each) => /^\w*Error\b.*:/.test(each)) ??
    lines.find((each) => /error/i.test(each)) ??
    lines.findLast((each) => each !== '') ??
    ''
  );
}
