/** Runs the micro suite in a separate process. */
import type { ChildProcess } from 'node:child_process';
import { thenEnding } from '../../core/errors.ts';
import { Child } from '../processes/child.ts';
import { MICRO, type MicroOptions, type MicroSample } from './protocol.ts';

export type RunMicroOptions = MicroOptions & {
  readonly signal?: AbortSignal;
  /** Ends the process if this one is killed. */
  readonly watch?: (child: ChildProcess) => void;
  /** Another program instead of the suite. */
  readonly entry?: URL;
};

/** How long a sample may take beyond its measured time: the first waits for keys, each for its warm-up. */
const PATIENCE_MS = 120_000;

/**
 * Calls `onSample` with each sample as it is measured. @throws ChildError if the process fails; the signal's reason
 * if it is aborted; errors of `onSample`. The process has exited in every case.
 */
export async function runMicro(options: RunMicroOptions, onSample: (sample: MicroSample) => void): Promise<void> {
  const { signal, watch, entry = new URL('./process.ts', import.meta.url), ...request } = options;
  signal?.throwIfAborted();
  const child = new Child(MICRO, {
    name: 'the micro suite',
    entry,
    ...(watch === undefined ? {} : { janitor: { watch } }),
    deadlineMs: request.secondsPerTask * 1000 + PATIENCE_MS,
  });
  const abort = () => child.fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  await thenEnding(
    () => child.ask('run', request, { onNote: onSample }),
    () => signal?.removeEventListener('abort', abort),
    () => child.stop(),
  );
}
