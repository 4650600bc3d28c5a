import { expect, test } from 'vitest';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { THIN } from '../../../core/text/format.ts';
import { chainDetails } from '../../page/details/chain.ts';
import { chainRows, edgeRows } from '../../testing/chain-rows.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { checkedChains } from '../../view/chain.ts';
import { buildView } from '../../view/view.ts';
import { CANVASES } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { chainChart } from './chain.ts';

const rows = chainRows();
const viewOf = (figures: typeof rows) => buildView({ ...sampleRun(), figures });
const view = viewOf(rows);

test('states the cost of each further hop, by where the checks are made', () => {
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

test('quotes the tolls themselves if their growth is unknown', () => {
  const first = rows.filter(({ metric, factors }) => metric === 'chain_toll_us' && factors.hops === 1);
  expect(chainChart.sentence(viewOf(first))).toContain(
    'Cost of the checks, measured at one number of hops: session-redis at the edge',
  );
});

test('does not state how tolls grow from one measurement of each', () => {
  const once = rows.map((row) => ({ ...row, low: row.value, high: row.value, blocks: 1 }));
  expect(chainChart.sentence(viewOf(once))).toBe(
    'Each number of hops was measured only once, so the cost of a further hop is unknown.',
  );
});

test('shows a toll that is negative because of noise on every canvas', () => {
  const noisy = rows.map((row) =>
    row.metric === 'chain_toll_us' && row.factors.hops === 3 ? { ...row, value: -341, low: -400, high: -300 } : row,
  );
  for (const canvas of CANVASES) {
    expect(JSON.stringify(chainChart.draw(viewOf(noisy), canvas)?.spec)).toContain('"value":-341');
  }
});

test('is drawn on every canvas with a dashed line to ten hops, and omitted without figures', async () => {
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

test('is shown in a table by hops, with the model and the latency', () => {
  const text = textOf(view);
  for (const head of ['1 hop', '3 hops', '10 hops, model', 'Each further hop', 'Bend']) expect(text).toContain(head);
  expect(text).toContain('session-redis by an auth service');
});

const sample = sampleRun();
const edgeArms = ['opaque-introspection', 'phantom-token'].map((name) => armSummary(name));
const edgeViewOf = (figures: typeof rows) => buildView({ ...sample, arms: [...sample.arms, ...edgeArms], figures });
const edges = [...rows, ...edgeRows()];
/** All the text of a table, without its markup. */
const textOf = (view: ReturnType<typeof viewOf>) =>
  (chainDetails(view)?.markup ?? '').replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

test('states from how many services an edge pays off, and shows it in the chart and in a table', async () => {
  // 50 µs more for the first service, 60 µs less for each further one: 1.83.
  const withEdge = edgeViewOf(edges);
  expect(chainChart.sentence(withEdge)).toMatch(
    /phantom-token costs less than opaque-introspection at every hop from 2 services on; they break even at 1\.83/,
  );
  expect(chainChart.figures(withEdge).map(({ metric }) => metric)).toContain('chain_break_even_services');
  expect(textOf(withEdge)).toContain('phantom-token minus opaque-introspection at every hop');
  for (const canvas of CANVASES) {
    const drawing = chainChart.draw(withEdge, canvas);
    if (drawing === null) throw new Error('the chart is not drawn');
    // On the edge's line: 210 µs at one service, 90 µs for each further one.
    expect(JSON.stringify(drawing.spec)).toMatch(/"x":1\.8333\d+,"value":285/);
    const markup = await renderChart(drawing, chainChart.title);
    if (canvas.name === 'wide') expect(markup).toContain('>break-even 1.83</text>');
  }
});

test('states that a compared edge does not pay off, and omits the table if none was compared', () => {
  const never = edges.filter(({ metric }) => metric !== 'chain_break_even_services');
  expect(chainChart.sentence(edgeViewOf(never))).toContain(
    'No number of services up to 10 was found from which phantom-token costs less than opaque-introspection at every hop.',
  );
  expect(textOf(edgeViewOf(never))).toContain('Break-even');
  expect(textOf(view)).not.toContain('Break-even');
  expect(chainChart.sentence(view)).not.toContain('break even');
});
