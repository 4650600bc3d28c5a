import { expect, test } from 'vitest';
import { THIN } from '../../../core/text/format.ts';
import { chainDetails } from '../../page/details/chain.ts';
import { chainRows } from '../../testing/chain-rows.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { checkedChains } from '../../view/chain.ts';
import { buildView } from '../../view/view.ts';
import { CANVASES } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { chainChart } from './chain.ts';

const rows = chainRows();
const viewOf = (figures: typeof rows) => buildView({ ...sampleRun(), figures });
const view = viewOf(rows);

test('says what each further hop adds, by where the checks stand', () => {
  expect(checkedChains(view).map(({ name }) => name)).toEqual([
    'session-redis at the edge',
    'session-redis at every hop',
    'session-redis by an auth service',
    'jwt-hs256 at the edge',
    'jwt-hs256 at every hop',
  ]);
  const sentence = chainChart.sentence(view);
  expect(sentence).toContain('Each further hop adds, in CPU time of all processes: ');
  expect(sentence).toContain(`21.0${THIN}µs [20.2–21.8] (jwt-hs256 at every hop)`);
});

test('quotes the tolls themselves where nothing says how they grow', () => {
  const first = rows.filter(({ metric, factors }) => metric === 'chain_toll_us' && factors.hops === 1);
  expect(chainChart.sentence(viewOf(first))).toContain(
    'Checks cost, over one number of hops: session-redis at the edge',
  );
});

test('does not say how tolls grow from one measurement of each', () => {
  const once = rows.map((row) => ({ ...row, low: row.value, high: row.value, blocks: 1 }));
  expect(chainChart.sentence(viewOf(once))).toBe(
    'Each number of hops was measured once, which does not show what a further hop adds.',
  );
});

test('shows a toll that noise made negative on every canvas', () => {
  const noisy = rows.map((row) =>
    row.metric === 'chain_toll_us' && row.factors.hops === 3 ? { ...row, value: -341, low: -400, high: -300 } : row,
  );
  for (const canvas of CANVASES) {
    expect(JSON.stringify(chainChart.draw(viewOf(noisy), canvas)?.spec)).toContain('"value":-341');
  }
});

test('is drawn on every canvas with a dashed line to ten hops, and not at all without figures', async () => {
  const empty = viewOf(rows.filter(({ arm }) => arm === 'none'));
  expect(chainChart.figures(empty)).toEqual([]);
  expect(chainDetails(empty)).toBeNull();
  for (const canvas of CANVASES) {
    expect(chainChart.draw(empty, canvas)).toBeNull();
    const drawing = chainChart.draw(view, canvas);
    if (drawing === null) throw new Error('the chart is not drawn');
    const values = JSON.stringify(drawing.spec);
    expect(values).toContain('"x":10,"value":722');
    expect(values).toContain(canvas.name === 'narrow' ? '"dash":[8,4]' : '"dash":[3,3]');
    expect(await renderChart(drawing, chainChart.title)).toContain('<svg');
  }
});

test('stands in a table by hops, with the model and the latency', () => {
  const text = (chainDetails(view)?.markup ?? '').replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  for (const head of ['1 hop', '3 hops', '10 hops, model', 'Each further hop', 'Bend']) expect(text).toContain(head);
  expect(text).toContain('session-redis by an auth service');
});
