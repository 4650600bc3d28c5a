/** Lays runs side by side in a thread, as seconds of computing without a pause leave no turn to Ctrl-C. */
import { thenEnding } from '../../core/errors.ts';
import { startThread } from '../../core/thread.ts';
import { errorOf } from './fault.ts';
import type { Laid, ThreadReply } from './side-by-side-thread.ts';

/**
 * @param names folders of runs, as the user typed them
 * @throws TollgateError naming the first folder without a run; the signal's reason if it was aborted
 */
export async function laySideBySide(names: readonly string[], signal?: AbortSignal): Promise<Laid> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Laid>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const thread = startThread(new URL('./side-by-side-thread.ts', import.meta.url), names);
  thread.once('message', (said: ThreadReply) => ('laid' in said ? resolve(said.laid) : reject(errorOf(said.fault))));
  thread.once('error', reject);
  thread.once('exit', () => reject(new Error('the thread that lays runs side by side ended without them')));
  return thenEnding(
    () => promise,
    () => signal?.removeEventListener('abort', abort),
    () => thread.terminate(),
  );
}
