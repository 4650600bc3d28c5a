/** Both sides of a thread that is given a task and answers once: with its result, or with an error that the user caused. */
import { parentPort, workerData } from 'node:worker_threads';
import { startThread } from '../../core/thread.ts';
import { errorOf, type Fault, faultOf } from './fault.ts';

type Reply = { readonly result: unknown } | { readonly fault: Fault };

export interface Asked<T> {
  /** Rejects with the error of the thread, also if it was stopped before it answered. */
  readonly result: Promise<T>;
  readonly stop: () => Promise<unknown>;
}

/**
 * @param entry a module that calls `answer`
 *
 * @param does what the thread does, for an error: `compares shards`
 */
export function askThread<T>(entry: URL, task: unknown, does: string): Asked<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const thread = startThread(entry, task);
  thread.once('message', (reply: Reply) => {
    if ('result' in reply) resolve(reply.result as T);
    else reject(errorOf(reply.fault));
  });
  thread.once('error', reject);
  thread.once('exit', () => reject(new Error(`the thread that ${does} ended without a result`)));
  return { result: promise, stop: () => thread.terminate() };
}

/** In the thread. @throws the error unless the user caused it */
export function answer<Task, T>(make: (task: Task) => T): void {
  const reply = (said: Reply) => parentPort?.postMessage(said);
  try {
    reply({ result: make(workerData.given as Task) });
  } catch (error) {
    reply({ fault: faultOf(error) });
  }
}
