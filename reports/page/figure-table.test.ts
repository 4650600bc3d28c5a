import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { figureTable } from './figure-table.ts';

const view = buildView(sampleRun());
const rate = (arm: string, replicas: number, value: number) =>
  figure(arm, 'throughput_rps', value, { experiment: 'scale', factors: { replicas } });

test('figures with one value per arm have a row for each arm', () => {
  const { markup } = figureTable(
    [figure('jwt-hs256', 'cpu_us_per_request', 40), figure('jwt-hs256', 'cpu_toll_us', 10)],
    view,
    'Costs',
  );
  expect(markup.match(/<tr><th scope="row"><code>jwt-hs256</g)).toHaveLength(1);
  expect(markup).toMatch(/40.*10/s);
});

test('figures with many levels have a column for each arm, without omissions', () => {
  const levels = [1, 2, 3, 4, 5, 6, 7, 8];
  const figures = levels.flatMap((n) => [rate('jwt-hs256', n, 1_000 * n), rate('session-redis', n, 900 * n)]);
  const { markup } = figureTable(figures, view, 'Rates');
  expect(markup.match(/<th scope="col"><code>/g)).toHaveLength(2);
  expect(markup.match(/<td>[^<]/g)).toHaveLength(figures.length);
  expect(markup).toContain('replicas 8');
});

test('a flagged figure has its letters, and a figure without an arm has a row', () => {
  const flagged = { ...rate('jwt-hs256', 1, 100), flags: ['one-fork' as const] };
  expect(figureTable([flagged], view, 'Rates').markup).toMatch(/ †[a-z]+<\/td>/);
  const lone = figure(null, 'primitive_us', 5, { experiment: 'hot-path', factors: { primitive: 'uid' } });
  expect(figureTable([lone], view, 'Operations').markup).toContain('—');
});
