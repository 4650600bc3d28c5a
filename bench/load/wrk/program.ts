/** Starts wrk, a load generator in C, and reads its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { environmentError, runError } from '../../../core/errors.ts';
import { findWrk } from '../../processes/programs.ts';

/** It exits after its time; otherwise it is killed this much later. */
const GRACE_MS = 20_000;
/** The most characters of wrk's error output that are shown, from its end. */
const LONGEST_COMPLAINT = 300;

/** @throws TollgateError if it is not installed */
export function wrkPath(path?: string): string {
  const found = findWrk(path);
  if (found === null) throw environmentError('wrk not found', 'install it: npm run setup -- wrk');
  return found;
}

export interface WrkCommand {
  readonly args: readonly string[];
  /** The duration of the load, also contained in `args`. */
  readonly seconds: number;
  /** The cores that it may use; default: any. */
  readonly cores?: readonly number[];
  readonly signal: AbortSignal;
}

export interface StartedWrk {
  readonly child: ChildProcess;
  /** Its standard output. Rejects with a TollgateError, or with the signal's reason. */
  readonly output: Promise<string>;
}

export function startWrk({ args, seconds, cores = [], signal }: WrkCommand): StartedWrk {
  const pinned = cores.length === 0 ? [] : ['taskset', '--cpu-list', cores.join(',')];
  const program = wrkPath();
  const [command = program, ...words] = [...pinned, program, ...args];
  const deadline = AbortSignal.timeout(seconds * 1000 + GRACE_MS);
  const child = spawn(command, words, {
    signal: AbortSignal.any([signal, deadline]),
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = outputOf(child).catch((error: unknown) => {
    signal.throwIfAborted();
    throw deadline.aborted
      ? runError('wrk did not end in time', 'check whether a server ended or is overloaded, and run it again')
      : error;
  });
  // The caller may use the process before it awaits this.
  output.catch(() => {});
  return { child, output };
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-LONGEST_COMPLAINT);
  });
  const [code] = await once(child, 'close');
  if (code === 0) return output;
  const reason = complaint.trim() === '' ? '' : `: ${JSON.stringify(complaint.trim())}`;
  throw runError(`wrk ended with ${code}${reason}`, 'check that it works: npm run bench:wrk');
}
