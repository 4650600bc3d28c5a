import { describe, expect, test } from 'vitest';
import type { Metric } from '../../core/results/metrics.ts';
import type { Run } from '../../core/results/schema.ts';
import { THIN } from '../../core/text/format.ts';
import { contrast } from '../testing/contrast.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { TONES } from '../view/palette.ts';
import { buildView, type ReportView } from '../view/view.ts';
import { CHARTS } from './index.ts';
import { primitivesInPlace } from './primitives/in-place.ts';
import { primitives } from './primitives/primitives.ts';
import { scaleRedis } from './scale/redis.ts';
import { scaleThroughput } from './scale/throughput.ts';
import { CANVASES, WIDE } from './shapes/chart.ts';
import { drawCharts } from './shapes/draw.ts';
import type { Drawing } from './shapes/drawing.ts';
import { renderChart, standalone } from './shapes/render.ts';
import { tollExplained } from './toll/explained.ts';
import { tollPairs } from './toll/pairs.ts';
import { tollParts } from './toll/parts.ts';
import { toll } from './toll/toll.ts';

function viewOf(figures: Run['figures']) {
  return buildView({ ...sampleRun(), figures });
}

function drawnOf(drawing: Drawing | null): Drawing {
  if (drawing === null) throw new Error('there is a figure');
  return drawing;
}

test('chart ids are unique', () => {
  expect(new Set(CHARTS.map((chart) => chart.id)).size).toBe(CHARTS.length);
});

describe.each(CHARTS.map((chart) => [chart.id, chart] as const))('%s', (_id, chart) => {
  test.each(CANVASES)('renders for a $name canvas, on each of its scales, without NaN', async (canvas) => {
    const view = buildView(sampleRun());
    for (const scale of chart.scales ?? [undefined]) {
      const drawing = chart.draw(view, canvas, scale);
      if (drawing === null) throw new Error('the sample has figures for every chart');
      const svg = await renderChart(drawing, chart.title);
      expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="[^"]+"/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      const drawnWidth = Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1]);
      expect(drawnWidth).toBeGreaterThan(canvas.width * 0.9);
      expect(drawnWidth).toBeLessThanOrEqual(canvas.width);
      // A place that no amount has is drawn at none.
      expect(svg).not.toMatch(/=""/);
    }
  });

  test('is left out of a run without its figures, and still has a sentence', () => {
    const view = viewOf([]);
    expect(chart.figures(view)).toEqual([]);
    for (const canvas of CANVASES) expect(chart.draw(view, canvas)).toBeNull();
    expect(chart.sentence(view)).not.toBe('');
  });

  test('says one thing, with figures, and ends in a full stop', () => {
    const sentence = chart.sentence(buildView(sampleRun()));
    expect(sentence).toMatch(/\d.*\.$/s);
    expect(sentence).not.toMatch(/NaN|undefined|null/);
  });
});

test('ids and references stay within each chart when many are inlined', async () => {
  const { charts: drawn } = await drawnSample();
  const all = drawn.flatMap(({ svg }) => [svg.wide, svg.narrow]);
  const ids = all.flatMap((svg) => [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
  expect(new Set(ids).size).toBe(ids.length);
  for (const svg of all) {
    for (const [, target] of svg.matchAll(/(?:url\(#|href="#)([^)"]+)/g)) expect(svg).toContain(`id="${target}"`);
  }
});

test('an arm with a hostile name cannot break out of a chart', async () => {
  const name = '"><script>alert(1)</script>';
  const view = viewOf([figure('none', 'cpu_us_per_request', 30), figure(name, 'cpu_us_per_request', 60)]);
  const [drawn] = await drawCharts([toll], view);
  expect(drawn?.svg.wide).toContain('&lt;script&gt;');
  expect(drawn?.svg.wide).not.toContain('<script');
});

test('a separate file has its dark rules and a background', async () => {
  const [drawn] = await drawCharts([toll], buildView(sampleRun()));
  const svg = standalone(drawn?.svg.wide ?? '', 'a & b.');
  expect(svg).toContain('<title>a &amp; b.</title>');
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(svg.match(/https?:\/\/[^"]*/g)).toEqual(['http://www.w3.org/2000/svg']);
});

test('toll ranks by the paired ratio and names the extremes', () => {
  expect(toll.sentence(buildView(sampleRun()))).toBe(
    `Of 9 arms, jwt-hs256-cached (41.2${THIN}µs [40.8–41.6]) uses the least CPU time; jwt-eddsa (157${THIN}µs [156–159]) uses the most.`,
  );
});

test('toll does not rank arms that were not compared in pairs', () => {
  const view = viewOf([
    figure('none', 'cpu_us_per_request', 30),
    figure('jwt-hs256', 'cpu_us_per_request', 60, { spread: 0.05 }),
    figure('session-redis', 'cpu_us_per_request', 92, { spread: 0.05 }),
  ]);
  const sentence = toll.sentence(view);
  expect(sentence).toContain('so no order is given');
  expect(sentence).not.toContain('least');
});

test('toll quotes ten requests in flight where several loads were measured', () => {
  const at = (in_flight: number, value: number) =>
    figure('jwt-hs256', 'cpu_us_per_request', value, { factors: { in_flight } });
  expect(toll.figures(viewOf([at(1, 80), at(10, 60), at(50, 55)])).map(({ value }) => value)).toEqual([60]);
});

test('the parts of the toll are given as estimates, for the replica and for Redis', () => {
  expect(tollParts.sentence(buildView(sampleRun()))).toBe(
    `3 arms use CPU time in Redis; the largest estimate is session-redis-rolling (14.8${THIN}µs [14.4–15.2]) per request, in addition to 98${THIN}µs [96–100] of toll in its replica.`,
  );
});

test('an idle Redis is charged to no arm', () => {
  const figures = (commands: number) => [
    figure('none', 'cpu_us_per_request', 30),
    figure('hybrid', 'cpu_toll_us', 20),
    figure('hybrid', 'redis_cpu_us_per_request', 0.9),
    figure('hybrid', 'redis_commands_per_request', commands, { spread: 0 }),
  ];
  expect(tollParts.sentence(viewOf(figures(0)))).toContain('No arm uses CPU time in Redis');
  expect(tollParts.sentence(viewOf(figures(1)))).toContain('One arm uses CPU time in Redis');
});

test.each(['light', 'dark'] as const)('the smaller operations and the unexplained rest differ on a %s page', (mode) => {
  const { figures } = sampleRun();
  const part = figures.find(({ metric }) => metric === 'toll_explained_us');
  if (part === undefined) throw new Error('the sample explains a toll');
  const more = Array.from({ length: 9 }, (_, i) => ({ ...part, factors: { ...part.factors, primitive: `more-${i}` } }));
  const spec = JSON.stringify(drawnOf(tollExplained.draw(viewOf([...figures, ...more]), WIDE)).spec);
  const colourOf = (name: string) => {
    const light = new RegExp(`"name":"${name}","colour":"(#[0-9a-f]{6})"`).exec(spec)?.[1] ?? '';
    return Object.values(TONES).find((tone) => tone.light === light)?.[mode] ?? light;
  };
  expect(contrast(colourOf('\\d+ smaller operations'), colourOf('unexplained'))).toBeGreaterThan(2);
});

test('the note on the operations says whose interval is drawn', () => {
  expect(primitives.note).toMatch(/^Dot: .*with its confidence interval.*Ring: .*without its interval/);
});

test('primitives that explain more than the toll are said to', () => {
  expect(tollExplained.sentence(buildView(sampleRun()))).toContain(
    'For session-redis-lean the operations, timed in isolation, add up to more than the toll.',
  );
});

test('throughput is put in no order where the fleets were not compared in pairs', () => {
  const sentence = scaleThroughput.sentence(buildView(sampleRun()));
  expect(sentence).toContain('jwt-hs256 (22,500');
  expect(sentence).toMatch(/from session-redis \(0\.82×.*not compared in pairs/);
  expect(sentence).not.toMatch(/overlap|highest|lowest/);
});

test('pairs are shown against the ordinary token, and what does not differ is marked', () => {
  const factors = { against: 'jwt-hs256' };
  const view = viewOf([
    figure('session-redis', 'total_cpu_ratio_to_arm', 1.5, { factors }),
    figure('jwt-rs256', 'total_cpu_ratio_to_arm', 1.01, { factors, spread: 0.03 }),
    figure('session-redis', 'total_cpu_ratio_to_arm', 1.49, { factors: { against: 'jwt-rs256' }, spread: 0.03 }),
  ]);
  expect(tollPairs.sentence(view)).toBe(
    'Against jwt-hs256, by CPU time per request, Redis included: no difference found: jwt-rs256 (1.01× [0.98–1.04]); more: session-redis (1.50× [1.49–1.52]).',
  );
  expect(tollPairs.sentence(viewOf([]))).toBe('No two arms were compared in pairs.');
});

test('Redis utilisation leaves out arms that never use it', () => {
  const arms = new Set(scaleRedis.figures(buildView(sampleRun())).map(({ arm }) => arm));
  expect([...arms].sort()).toEqual(['session-redis', 'session-redis-lean']);
});

test('primitives of like cost stand on a linear axis, of unlike cost on a logarithmic one', async () => {
  const of = (primitive: string, value: number) =>
    figure(null, 'primitive_us', value, { experiment: 'hot-path', factors: { primitive } });
  const labels = (last: number) =>
    renderChart(drawnOf(primitives.draw(viewOf([of('a', 5), of('b', last)]), WIDE)), 'Operations');
  expect(await labels(20)).toContain('µs per operation<');
  const far = await labels(5000);
  expect(far).toContain('µs per operation, logarithmic<');
  // Decades of equal width: the axis itself, and not its title alone.
  const ticks = [...far.matchAll(/<text x="([\d.]+)" y="[\d.]+">(10|100|1,000)<\/text>/g)].map(([, x]) => Number(x));
  expect(ticks).toHaveLength(3);
  expect((ticks[2] ?? 0) - (ticks[1] ?? 0)).toBeCloseTo((ticks[1] ?? 0) - (ticks[0] ?? 0), 0);
});

test('the arms’ operations are shown with their cost in a server, and their cost alone', async () => {
  const view = buildView(sampleRun());
  expect(primitivesInPlace.sentence(view)).toBe(
    `Inside a server redis-get-pipelined takes 9.8${THIN}µs [9.4–10.2] of CPU time per request, 1.4 times its cost alone. Closest to its core operation is jwt-hs256: its toll is 1.05× [1.00–1.10] that operation. Furthest from the sum of its operations is session-redis: its toll is 1.21× [1.11–1.31] that sum.`,
  );
  const svg = await renderChart(drawnOf(primitivesInPlace.draw(view, WIDE)), 'In place');
  // Dots and rings by their place on the axis: all of an arm's parts, and the sum of what they cost alone.
  const row = (label: string) => svg.split('class="slot"').find((slot) => slot.includes(`>${label}</text>`)) ?? '';
  const places = (label: string) => [...row(label).matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  const [dot = 0, ring = 0] = places('all of session-redis');
  expect(ring / dot).toBeCloseTo(30.1 / 52.4, 2);
  expect(places('redis-get-pipelined')).toHaveLength(2);
  expect(primitivesInPlace.draw(viewOf([]), WIDE)).toBeNull();
});

describe('a toll that may be zero is no multiple of its operations', () => {
  const ratio = (metric: Metric, value: number, spread: number, arm = 'session-redis') =>
    figure(arm, metric, value, { experiment: 'hot-path', spread });
  const said = 'The toll of session-redis is not clearly above zero.';

  test('in the parts of the toll', async () => {
    const rest = figure('session-redis', 'toll_unexplained_us', -3, { experiment: 'hot-path', spread: 5 });
    const withRatio = (value: number, spread: number) =>
      viewOf([rest, ratio('toll_to_primitive_ratio', value, spread)]);
    const drawn = (view: ReportView) => renderChart(drawnOf(tollExplained.draw(view, WIDE)), 'Parts');
    expect(tollExplained.sentence(withRatio(-0.2, 2))).toBe(`The operations explain the toll of every arm. ${said}`);
    expect(await drawn(withRatio(-0.2, 2))).not.toContain('×<');
    expect(await drawn(withRatio(2, 0.1))).toContain('×<');
  });

  test('in a server', () => {
    const cost = figure(null, 'primitive_in_place_us', -1, {
      experiment: 'hot-path',
      factors: { primitive: 'redis-get' },
      spread: 2,
    });
    const alone = figure(null, 'primitive_cpu_us', 5, { experiment: 'hot-path', factors: { primitive: 'redis-get' } });
    const ratios = [ratio('toll_to_primitive_in_place_ratio', -0.2, 2), ratio('toll_to_parts_in_place_ratio', -0.1, 4)];
    expect(primitivesInPlace.sentence(viewOf([cost, alone, ...ratios]))).toBe(said);
  });

  test('and the arms that have multiples are told first', () => {
    const both = (metric: Metric, noisy: number) => [
      ratio(metric, noisy, 9),
      ratio(metric, noisy, 9, 'session-plugin'),
      ratio(metric, 2, 0.1, 'jwt-hs256'),
    ];
    const nearest = 'Closest to its core operation is jwt-hs256: its toll is 2.0× [1.8–2.2] that operation.';
    const furthest = 'Furthest from the sum of its operations is jwt-hs256: its toll is 2.0× [1.8–2.2] that sum.';
    const noisy = 'The toll of session-redis and session-plugin is not clearly above zero.';
    const inServer = [...both('toll_to_primitive_in_place_ratio', 1), ...both('toll_to_parts_in_place_ratio', 3)];
    expect(primitivesInPlace.sentence(viewOf(inServer))).toBe(`${nearest} ${furthest} ${noisy}`);
    const rest = ['session-redis', 'session-plugin', 'jwt-hs256'].map((arm) =>
      figure(arm, 'toll_unexplained_us', -3, { experiment: 'hot-path', spread: 5 }),
    );
    const inParts = viewOf([...rest, ...both('toll_to_primitive_ratio', 1)]);
    expect(tollExplained.sentence(inParts)).toContain(`${nearest} ${noisy}`);
  });
});

test('both drawings of a chart tell the same figures in the same order', async () => {
  const { charts } = await drawnSample();
  const tips = (svg: string) => [...svg.matchAll(/ data-tip="([^"]*)"/g)].map(([, tip]) => tip);
  for (const { id, svg, other } of charts) {
    expect(tips(svg.narrow), id).toEqual(tips(svg.wide));
    if (other !== null) expect(tips(other.svg.narrow), id).toEqual(tips(other.svg.wide));
  }
});
