/**
 * Renders charts on two cores: on the main thread, and on one beside it that loads vega while the report's figures are read.
 * Charts are three fifths of a report's time. Never beside a measurement: `render.ts` alone renders on one core.
 */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../core/thread.ts';
import { type RenderTask, renderTask } from '../shapes/render.ts';
import type { Rendered, Shared } from './render-thread.ts';

/** A thread that is silent for so long after the last task has begun is given up: a chart takes a fraction of a second. */
const GIVEN_UP_MS = 30_000;

export class RenderWorker {
  readonly #worker: Worker;
  /** What the thread has made, as soon as it ends; empty if it fails. */
  readonly #rendered: Promise<Rendered>;
  readonly #renderHere: typeof renderTask;

  private constructor(renderHere: typeof renderTask) {
    this.#renderHere = renderHere;
    this.#worker = startThread(new URL('./render-thread.ts', import.meta.url));
    // A report that failed elsewhere ends without it.
    this.#worker.unref();
    this.#rendered = new Promise((resolve) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', () => resolve([]));
      this.#worker.once('exit', () => resolve([]));
    });
  }

  /**
   * @param renderHere what the main thread does with its share of the tasks
   * @returns null on a single core, where a second thread would only take turns with the first
   */
  static start(renderHere = renderTask): RenderWorker | null {
    return availableParallelism() > 1 ? new RenderWorker(renderHere) : null;
  }

  /**
   * @param waitMs for the thread, once this one has nothing left to do
   * @returns the SVG of each task. To be called once.
   * @throws what rendering throws; the signal's reason if it was aborted
   */
  async render(tasks: readonly RenderTask[], signal?: AbortSignal, waitMs = GIVEN_UP_MS): Promise<string[]> {
    const begun = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#worker.ref();
    this.#worker.postMessage({ tasks, begun } satisfies Shared);
    const svgs: (string | undefined)[] = tasks.map(() => undefined);
    for (;;) {
      await setImmediate();
      signal?.throwIfAborted();
      const index = Atomics.add(begun, 0, 1);
      const task = tasks[index];
      if (task === undefined) break;
      svgs[index] = await this.#renderHere(task);
    }
    for (const [index, svg] of await this.#ended(waitMs, signal)) svgs[index] = svg;
    const whole: string[] = [];
    // What the thread began and did not make is made here.
    for (const [index, task] of tasks.entries()) whole.push(svgs[index] ?? (await this.#renderHere(task)));
    return whole;
  }

  /** @returns an empty list if the thread does not end in time. @throws the signal's reason if it is aborted meanwhile */
  async #ended(waitMs: number, signal?: AbortSignal): Promise<Rendered> {
    const given = Promise.withResolvers<Rendered>();
    const timer = setTimeout(() => given.resolve([]), waitMs);
    const abort = () => given.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([this.#rendered, given.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
