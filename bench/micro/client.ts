/** The parent's side of the micro suite. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { FromMicro, type MicroSample, type MicroStart } from './protocol.ts';

export type MicroOptions = Omit<MicroStart, 'type'> & {
  readonly signal?: AbortSignal;
  /** Told of the process once it is started, so that it can be kept from outliving the run. */
  readonly onSpawn?: (child: ChildProcess) => void;
  /** The path of another build's `bench/micro/process.ts`, to compare with. */
  readonly entry?: string;
};

/** The suite's process failed, crashed, or said something that it should not. */
export class MicroError extends Error {
  override readonly name = 'MicroError';
}

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));

/**
 * Runs the suite in a process of its own and hands over each sample as it is measured.
 * @throws {MicroError} where the process fails; the signal's reason where it aborts, after the process was killed. An
 * error thrown by `onSample` also ends the process, and is passed on.
 */
export function runMicro(options: MicroOptions, onSample: (sample: MicroSample) => void): Promise<void> {
  const { signal, onSpawn, entry = ENTRY, ...rest } = options;
  const start: MicroStart = { type: 'start', ...rest };
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const child = fork(entry, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    onSpawn?.(child);
    let stderr = '';
    let done = false;
    let failure: { readonly error: unknown } | null = null;

    const fail = (error: unknown) => {
      failure ??= { error };
      child.kill('SIGKILL');
    };
    const abort = () => fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });

    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.on('message', (message) => {
      if (failure !== null) return;
      if (!Value.Check(FromMicro, message)) {
        fail(new MicroError('The micro suite sent a message that does not fit its schema.'));
      } else if (message.type === 'failed') {
        // It exits by itself; the reason must not be lost to its exit code.
        failure = { error: new MicroError(message.message) };
      } else if (message.type === 'done') {
        done = true;
      } else {
        try {
          onSample(message);
        } catch (error) {
          fail(error);
        }
      }
    });
    child.on('error', (error) => fail(new MicroError(`The micro suite could not be started: ${error.message}`)));
    // 'close' comes after the last message and the last of stderr, and also after a failed start.
    child.on('close', (code, exitSignal) => {
      signal?.removeEventListener('abort', abort);
      if (failure !== null) reject(failure.error);
      else if (code === 0 && done) resolve();
      else reject(new MicroError(crashMessage(code, exitSignal, stderr)));
    });
    child.send(start, (error) => {
      if (error !== null) fail(new MicroError(`The micro suite could not be reached: ${error.message}`));
    });
  });
}

function crashMessage(code: number | null, exitSignal: string | null, stderr: string): string {
  const how = exitSignal === null ? `with code ${code}` : `by ${exitSignal}`;
  // Node prints the source line that threw before the error itself.
  const lines = stderr.split('\n').map((line) => line.trim());
  const reason = lines.find((line) => /^\w*Error\b.*:/.test(line)) ?? lines.find((line) => line !== '');
  return `The micro suite ended ${how} before it was done${reason === undefined ? '.' : `: ${reason}`}`;
}
