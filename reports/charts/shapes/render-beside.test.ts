import { afterEach, expect, it, vi } from 'vitest';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CHARTS } from '../index.ts';
import { WIDE } from './chart.ts';
import { type RenderTask, renderTask } from './render.ts';
import { RenderBeside } from './render-beside.ts';

/** The main thread's rendering, where a test replaces it: the thread beside has modules of its own. */
const here = vi.hoisted(() => ({ render: null as (() => Promise<string>) | null }));
vi.mock('./render.ts', async (original) => {
  const real = await original<typeof import('./render.ts')>();
  return { ...real, renderTask: (task: RenderTask) => here.render?.() ?? real.renderTask(task) };
});
afterEach(() => {
  here.render = null;
});

const view = buildView(sampleRun());
const tasks = CHARTS.flatMap((chart): RenderTask[] => {
  const drawing = chart.draw(view, WIDE);
  return drawing === null ? [] : [{ drawing, title: chart.title }];
});

const spec = { mark: 'no mark at all' } as unknown as RenderTask['drawing']['spec'];
const broken: RenderTask = { title: 'Broken', drawing: { width: 100, height: 100, left: 0, top: 0, spec } };

async function withBeside<T>(use: (beside: RenderBeside) => Promise<T>): Promise<T> {
  const beside = RenderBeside.start();
  if (beside === null) throw new Error('this test needs two cores');
  try {
    return await use(beside);
  } finally {
    await beside.stop();
  }
}

it('makes the same SVGs on two threads as on one, in the same order', async () => {
  const alone = await Promise.all(tasks.map(renderTask));
  expect(alone.length).toBeGreaterThan(20);
  expect(await withBeside((beside) => beside.render(tasks))).toEqual(alone);
});

it('shares the tasks with the thread, and makes what fails there on the main one', async () => {
  here.render = () => new Promise((resolve) => setTimeout(() => resolve('made here'), 40));
  const svgs = await withBeside((beside) => beside.render([...tasks, broken, ...tasks]));
  expect(svgs).toHaveLength(2 * tasks.length + 1);
  expect(svgs[tasks.length]).toBe('made here');
  expect(svgs.some((svg) => svg.startsWith('<svg'))).toBe(true);
  for (const svg of svgs) expect(svg).toMatch(/^(?:<svg|made here)/);
});

it('throws what rendering throws', async () => {
  await expect(withBeside((beside) => beside.render([broken]))).rejects.toThrow();
});

it('ends with the signal’s reason where it is aborted', async () => {
  const reason = new Error('Ctrl-C');
  await expect(withBeside((beside) => beside.render(tasks, AbortSignal.abort(reason)))).rejects.toBe(reason);
});
