import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CHARTS } from '../index.ts';
import { WIDE } from '../shapes/chart.ts';
import { type RenderTask, renderTask } from '../shapes/render.ts';
import { RenderWorker } from './render-worker.ts';

const view = buildView(sampleRun());
/** Some of a report, enough for two threads. */
const tasks = CHARTS.slice(0, 6).flatMap((chart): RenderTask[] => {
  const drawing = chart.draw(view, WIDE);
  return drawing === null ? [] : [{ drawing, title: chart.title }];
});

const spec = { mark: 'no mark at all' } as unknown as RenderTask['drawing']['spec'];
const broken: RenderTask = { title: 'Broken', drawing: { width: 100, height: 100, left: 0, top: 0, spec } };

/** @param renderHere in place of the main thread's rendering; the other thread has modules of its own */
async function withBeside<T>(use: (beside: RenderWorker) => Promise<T>, renderHere?: typeof renderTask): Promise<T> {
  const beside = RenderWorker.start(renderHere);
  if (beside === null) throw new Error('this test needs two cores');
  try {
    return await use(beside);
  } finally {
    await beside.stop();
  }
}

it('makes the same SVGs on two threads as on one, in the same order', async () => {
  const alone = await Promise.all(tasks.map(renderTask));
  expect(alone).toHaveLength(6);
  expect(await withBeside((beside) => beside.render(tasks))).toEqual(alone);
});

it('shares the tasks with the thread, and makes what fails there on the main one', async () => {
  const made = Promise.withResolvers<void>();
  const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: Worker, message) {
    this.once('message', () => made.resolve());
    this.postMessage(message);
  });
  // The main thread waits with its first task until the thread has made all others.
  const renderHere = () => made.promise.then(() => 'made here');
  const svgs = await withBeside((beside) => beside.render([...tasks, broken]), renderHere);
  post.mockRestore();
  expect(svgs).toHaveLength(tasks.length + 1);
  expect(svgs.at(-1)).toBe('made here');
  // Either thread may have begun the first one.
  const others = svgs.slice(0, -1).filter((svg) => svg !== 'made here');
  expect(others).toHaveLength(tasks.length - 1);
  for (const svg of others) expect(svg).toMatch(/^<svg/);
});

it('throws what rendering throws', async () => {
  await expect(withBeside((beside) => beside.render([broken]))).rejects.toThrow();
});

it('ends with the signal’s reason where it is aborted', async () => {
  const reason = new Error('Ctrl-C');
  await expect(withBeside((beside) => beside.render(tasks, AbortSignal.abort(reason)))).rejects.toBe(reason);
});

describe('a thread that gives no answer', () => {
  const madeHere = () => Promise.resolve('made here');
  let post: MockInstance<Worker['postMessage']>;
  beforeEach(() => {
    post = vi.spyOn(Worker.prototype, 'postMessage').mockReturnValue(undefined);
  });
  afterEach(() => post.mockRestore());

  it('is given up', async () => {
    const svgs = await withBeside((beside) => beside.render(tasks, undefined, 1), madeHere);
    expect(svgs).toEqual(tasks.map(() => 'made here'));
  });

  it('is waited for no longer than the signal allows', async () => {
    const reason = new Error('Ctrl-C');
    const control = new AbortController();
    const ended = expect(withBeside((beside) => beside.render(tasks, control.signal), madeHere)).rejects.toBe(reason);
    // The main thread sees that no task is left in a turn of the event loop after the last.
    for (let turn = 0; turn < 2 * tasks.length + 2; turn++) await setImmediate();
    control.abort(reason);
    await ended;
  });
});
