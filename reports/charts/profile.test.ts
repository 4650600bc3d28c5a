import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView, type ReportView } from '../view/view.ts';
import { profile } from './profile.ts';
import { WIDE } from './shapes/chart.ts';
import { renderChart } from './shapes/render.ts';

const experiment = 'hot-path';
const cost = (arm: string, name: string, us: number) =>
  figure(arm, 'profile_us', us, { experiment, factors: { package: name } });
const toll = (arm: string, name: string, us: number) =>
  figure(arm, 'profile_toll_us', us, { experiment, factors: { package: name } });
const viewOf = (figures: ReturnType<typeof cost>[]) => buildView({ ...sampleRun(), figures });

async function drawnWide(view: ReportView): Promise<string> {
  const drawing = profile.draw(view, WIDE);
  if (drawing === null) throw new Error('there is a figure');
  return renderChart(drawing, profile.title);
}

test('the sentence names the package that adds most, not the one that costs most', () => {
  const sentence = profile.sentence(
    viewOf([cost('jwt-hs256', 'node:net', 50), toll('jwt-hs256', 'node:net', 1), toll('jwt-hs256', 'fast-jwt', 9)]),
  );
  expect(sentence).toContain('fast-jwt in jwt-hs256: an estimated 9');
  expect(sentence).not.toContain('node:net');
});

test('without a baseline the sentence is about cost', () => {
  expect(profile.sentence(viewOf([cost('jwt-hs256', 'fast-jwt', 9)]))).toContain('The most expensive package');
});

test('packages beyond the available colours are drawn as one part, so that every row still adds up', async () => {
  const many = Array.from({ length: 12 }, (_, i) => cost('none', `package-${i}`, 20 - i));
  const markup = await drawnWide(viewOf(many));
  expect(markup).toContain('>4 smaller packages</text>');
  // 20 + 19 + … + 9, on an axis that extends a fiftieth further.
  const axis = markup.slice(0, markup.indexOf('class="slot"'));
  const bars = [...markup.matchAll(/<path d="M[^"]*h([\d.]+)" stroke="#[^"]*" stroke-width="16"/g)].map(([, w]) =>
    Number(w),
  );
  const ticks = [...axis.matchAll(/<text x="([\d.]+)" y="[\d.]+">(0|100)<\/text>/g)].map(([, x]) => Number(x));
  const perUnit = ((ticks[1] ?? 0) - (ticks[0] ?? 0)) / 100;
  expect(bars.reduce((sum, width) => sum + width, 0) / perUnit).toBeCloseTo(174, 0);
});

test('arms are ordered by cost', async () => {
  const markup = await drawnWide(viewOf([cost('jwt-hs256', 'a', 60), cost('none', 'a', 30)]));
  expect(markup.indexOf('data-arm="none"')).toBeLessThan(markup.indexOf('data-arm="jwt-hs256"'));
});

test('code at the edge is distinguished from the same code in the replica', async () => {
  const atEdge = figure('phantom-token', 'profile_us', 30, {
    experiment,
    factors: { package: 'fastify', process: 'edge' },
  });
  const view = viewOf([cost('phantom-token', 'fastify', 20), atEdge]);
  expect(profile.sentence(view)).toContain('fastify at the edge in phantom-token: an estimated 30');
  const markup = await drawnWide(view);
  expect(markup).toContain('>fastify</text>');
  expect(markup).toContain('>fastify at the edge</text>');
});
