import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readReference } from '../../../core/results/reference/reference.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CHARTS } from '../index.ts';
import { CANVASES, WIDE } from '../shapes/chart.ts';
import type { Drawing } from '../shapes/drawing.ts';
import { renderByVega, renderChart } from '../shapes/render.ts';
import { toll } from '../toll/toll.ts';
import { drawnDirectly } from './drawing.ts';

type Spec = Record<string, unknown>;

const view = buildView(sampleRun());
const drawn = (chart = toll): Drawing => chart.draw(view, WIDE) ?? expect.fail('the sample has figures');
const withSpec = (change: (spec: Spec) => Spec): Drawing => {
  const drawing = drawn();
  return { ...drawing, spec: change(drawing.spec as unknown as Spec) as unknown as Drawing['spec'] };
};
const withMark = (change: Spec): Drawing =>
  withSpec((spec) => ({
    ...spec,
    layer: (spec.layer as Spec[]).map((layer, i) =>
      i === 1 ? { ...layer, mark: { ...(layer.mark as Spec), ...change } } : layer,
    ),
  }));

it.each(CHARTS.map((chart) => [chart.id, chart] as const))(
  'draws %s to the letter as vega does',
  async (_id, chart) => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warned.mockRestore());
    for (const canvas of CANVASES) {
      for (const scale of chart.scales ?? [undefined]) {
        const drawing = chart.draw(view, canvas, scale) ?? expect.fail('the sample has figures for every chart');
        expect(drawnDirectly(drawing)).not.toBeNull();
        expect(await renderChart(drawing, chart.title)).toBe(await renderByVega(drawing, chart.title));
      }
    }
    // Vega warns about anything that it does not interpret as intended.
    expect(warned.mock.calls).toEqual([]);
  },
);

it('needs vega for no chart of a full run of every arm', () => {
  const run = readReference()?.run ?? expect.fail('there is a reference run');
  const full = buildView(run);
  const drawings = CHARTS.flatMap((chart) =>
    CANVASES.flatMap((canvas) => (chart.scales ?? [undefined]).map((scale) => chart.draw(full, canvas, scale))),
  ).filter((drawing) => drawing !== null);
  expect(drawings.length).toBeGreaterThan(50);
  expect(drawings.filter((drawing) => drawnDirectly(drawing) === null)).toEqual([]);
});

describe('leaves to vega', () => {
  it.each<readonly [string, Drawing]>([
    ['a config of its own', withSpec((spec) => ({ ...spec, config: {} }))],
    ['a property that it does not know', withSpec((spec) => ({ ...spec, title: 'Toll' }))],
    ['a mark that it does not know', withMark({ type: 'trail' })],
    ['a property of a mark that it does not know', withMark({ strokeCap: 'round' })],
    ['a filter with a sum', withSpec((spec) => ({ ...spec, layer: [{ transform: [{ filter: 'datum.a + 1' }] }] }))],
  ])('%s', (_what, drawing) => {
    expect(drawnDirectly(drawn())).not.toBeNull();
    expect(drawnDirectly(drawing)).toBeNull();
  });

  it('a number that is none, for which vega has rules of its own', () => {
    const rows = (spec: Spec) => (spec.data as { values: Spec[] }).values;
    const broken = withSpec((spec) => ({
      ...spec,
      data: { values: rows(spec).map((row) => ({ ...row, low: Number.NaN })) },
    }));
    expect(drawnDirectly(broken)).toBeNull();
  });
});

it('a chart that is left to vega is in the page all the same', async () => {
  const svg = await renderChart(withMark({ strokeCap: 'round' }), 'Toll');
  expect(svg).toContain('stroke-linecap="round"');
});
