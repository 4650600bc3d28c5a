/** Lays runs side by side in a thread, as seconds of computing without a pause leave no turn to Ctrl-C. */
import { thenEnding } from '../../core/errors.ts';
import { askThread } from './answer.ts';
import type { Laid } from './side-by-side-thread.ts';

/**
 * @param names folders of runs, as the user typed them
 * @throws TollgateError naming the first folder without a run; the signal's reason if it was aborted
 */
export async function laySideBySide(names: readonly string[], signal?: AbortSignal): Promise<Laid> {
  signal?.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const entry = new URL('./side-by-side-thread.ts', import.meta.url);
  const { result, stop } = askThread<Laid>(entry, names, 'lays runs side by side');
  return thenEnding(
    () => Promise.race([result, aborted]),
    () => signal?.removeEventListener('abort', abort),
    stop,
  );
}
