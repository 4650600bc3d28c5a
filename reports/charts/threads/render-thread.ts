/** Thread entry: renders charts beside the main thread, from one list of tasks. */
import { parentPort } from 'node:worker_threads';
import { type RenderTask, renderTask } from '../shapes/render.ts';

/** What the main thread sends: the tasks, and a count of those that either thread has begun. */
export interface Shared {
  readonly tasks: readonly RenderTask[];
  readonly begun: Int32Array<SharedArrayBuffer>;
}

/** The SVGs that this thread has made, by the index of their tasks. */
export type Rendered = readonly (readonly [number, string])[];

parentPort?.once('message', async ({ tasks, begun }: Shared) => {
  const rendered: [number, string][] = [];
  try {
    for (;;) {
      const index = Atomics.add(begun, 0, 1);
      const task = tasks[index];
      if (task === undefined) break;
      rendered.push([index, await renderTask(task)]);
    }
  } finally {
    // The main thread repeats what failed here, and then knows why.
    parentPort?.postMessage(rendered satisfies Rendered);
  }
});

// Vega is there when the tasks come.
await import('../shapes/engine.ts');
