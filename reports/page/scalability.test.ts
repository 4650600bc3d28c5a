import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type ArmDemands, capacityOf } from '../../core/model/capacity.ts';
import type { Run } from '../../core/results/schema.ts';
import { armSummary } from '../../core/results/testing/arm-summary.ts';
import { CHARTS } from '../charts/index.ts';
import { drawCharts } from '../charts/shapes/draw.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { figure } from '../testing/figure.ts';
import { HOSTILE, sampleRun } from '../testing/sample-run.ts';
import { armCosts, cheapestToken } from '../view/capacity-demands.ts';
import { buildView } from '../view/view.ts';
import { capacityScript } from './capacity/script.ts';
import { amountText, bytesText, capacityCells } from './capacity/text.ts';
import { page } from './page.ts';
import { scalability, WORKLOAD } from './scalability.ts';

const range = (value: number, spread = 0.1) => ({ value, low: value * (1 - spread), high: value * (1 + spread) });
const DEMANDS: ArmDemands = {
  replicaCpuUs: range(100),
  redisCpuUs: range(7),
  wireBytes: range(400, 0),
  sessionBytes: range(500),
};

function sectionOf(run: Run): string {
  return scalability.render(buildView(run), [])?.markup ?? '';
}

async function pageOf(run: Run): Promise<string> {
  const view = buildView(run);
  return page(view, await drawCharts(CHARTS, view));
}

describe('the script', () => {
  /** A page of two sliders' worth of elements: what the script may touch, and nothing else. */
  function run(values: Readonly<Record<string, string>>) {
    const listeners: (() => void)[] = [];
    const element = (value = '') => ({
      textContent: '',
      hidden: true,
      value,
      dataset: {},
      addEventListener: (_: string, listener: () => void) => listeners.push(listener),
    });
    const elements: Record<string, ReturnType<typeof element>> = {
      'capacity-controls': { ...element(), dataset: { nodeBytes: '16000000000' } },
    };
    for (const [name, value] of Object.entries(values)) {
      elements[`capacity-${name}`] = element(value);
      elements[`capacity-${name}-value`] = element();
    }
    const cells = Array.from({ length: 6 }, () => ({ textContent: '' }));
    const row = { dataset: { demands: JSON.stringify(DEMANDS) }, cells };
    const document = {
      getElementById: (id: string) => elements[id] ?? null,
      querySelectorAll: () => [row],
    };
    runInNewContext(capacityScript(), { document });
    return { elements, listeners, shown: () => cells.slice(1).map(({ textContent }) => textContent) };
  }

  test('shows what the same function says on the built page, and moves with the sliders', () => {
    const { elements, listeners, shown } = run({ rps: '500', sessions: '730', utilisation: '50' });
    const load = { requestsPerSecond: 100_000, liveSessions: 20e6, utilisation: 0.5, redisNodeBytes: 16e9 };
    expect(shown()).toEqual(capacityCells(capacityOf(load, DEMANDS)));
    expect(elements['capacity-controls']?.hidden).toBe(false);
    expect(elements['capacity-rps-value']?.textContent).toBe('100,000 req/s');
    const rps = elements['capacity-rps'];
    if (rps === undefined) throw new Error('no slider');
    rps.value = '600';
    for (const listener of listeners) listener();
    expect(shown()).toEqual(capacityCells(capacityOf({ ...load, requestsPerSecond: 1e6 }, DEMANDS)));
  });

  test('is the only one that the page’s policy allows', async () => {
    const { view, charts } = await drawnSample();
    const text = page(view, charts);
    const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(script).toBe(capacityScript());
    const hash = createHash('sha256').update(script).digest('base64');
    expect(text).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(text).toContain('default-src &#39;none&#39;');
    expect(script).not.toMatch(/innerHTML|fetch|https?:|import|export|eval/);
  });

  test('is not on a page that has nothing for it', async () => {
    const text = await pageOf({ ...sampleRun(), figures: [] });
    expect(text).not.toContain('<script');
    expect(text).not.toContain('script-src');
  });
});

describe('the section', () => {
  test('answers for each arm: how many replicas, where the wall is, how sure that is', () => {
    const text = sectionOf(sampleRun()).replaceAll(/<[^>]+>/g, '');
    // 96.4 µs at 70 %: 10,000 requests a second are 1.4 cores. 6.9 µs of Redis: full enough at 101,000.
    expect(text).toContain(
      'session-redis: 10,000 requests per second need 2 replicas of one core at 70 % utilisation and one Redis. One Redis reaches that utilisation at 101,000\u202freq/s [98,000–105,000]',
    );
    expect(text).toContain('left out of the fit, the predicted throughput was off by');
    expect(text).toContain(
      'jwt-rs256: 10,000 requests per second need 2 replicas of one core at 70 % utilisation and no Redis.',
    );
    expect(text).toContain('session-memory: 10,000 requests per second need 2 replicas');
    expect(text).toContain('each user must always reach the same one');
  });

  test('lets no hostile name out of its attributes', () => {
    const run = sampleRun();
    const text = sectionOf({ ...run, figures: [...run.figures, figure(HOSTILE, 'cpu_us_per_request', 50)] });
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;');
  });

  test('is absent without costs and models, and says so where nothing was held out', () => {
    expect(sectionOf({ ...sampleRun(), figures: [] })).toBe('');
    const bare = sectionOf({ ...sampleRun(), figures: [figure('jwt-hs256', 'cpu_us_per_request', 50)] });
    expect(bare).toContain('was not tested on a larger fleet');
    expect(bare).not.toContain('Coefficients and errors');
  });

  test('takes the costs on shares of a core where the toll was not measured, and says so', () => {
    const run = sampleRun();
    const figures = [
      figure('jwt-hs256', 'cpu_us_per_request', 110, { experiment: 'scale', factors: { replicas: 1 } }),
      figure('jwt-hs256', 'cpu_us_per_request', 120, { experiment: 'scale', factors: { replicas: 2 } }),
    ];
    const [cost] = armCosts(buildView({ ...run, figures }));
    expect(cost).toMatchObject({ from: 'scale', demands: { replicaCpuUs: { value: 110 }, redisCpuUs: { value: 0 } } });
    expect(sectionOf({ ...run, figures })).toContain('measured on a share of a core');
  });
});

describe('the costs', () => {
  test('take bytes of what the arm keeps: sessions, families, and nothing for what is not in Redis', () => {
    const run = sampleRun();
    const store = (kind: string, bytes: number, sessions: number) =>
      figure('session-redis', 'bytes_per_session', bytes, { experiment: 'store', factors: { kind, sessions } });
    const arms = [
      armSummary('session-redis', { serverState: 'redis', stores: ['session'] }),
      armSummary('jwt-refresh', { serverState: 'redis', stores: ['refresh-family'] }),
      armSummary('jwt-denylist', { serverState: 'redis', stores: ['denylist'] }),
      armSummary('session-memory', { serverState: 'process', stores: ['session'] }),
    ];
    const figures = [
      ...arms.map(({ name }) => figure(name, 'cpu_us_per_request', 50)),
      store('session', 700, 1_000),
      store('session', 640, 1_000_000),
      store('refresh-family', 900, 1_000_000),
      store('denylist', 120, 1_000_000),
    ];
    const bytes = armCosts(buildView({ ...run, arms, figures })).map(({ demands }) => demands.sessionBytes?.value);
    expect(bytes).toEqual([640, 900, 0, 0]);
  });

  test('name the token that needs least CPU time in all', () => {
    expect(cheapestToken(armCosts(buildView(sampleRun())))?.arm.name).toBe('jwt-hs256-cached');
    expect(cheapestToken([])).toBeNull();
  });
});

test('amounts read as a reader would say them', () => {
  expect([950, 10_000, 2.5e6, 100e6].map(amountText)).toEqual(['950', '10,000', '2.50 million', '100 million']);
  expect(bytesText(range(1.5e9), 'B')).toBe('1.50\u202fGB [1.35–1.65]');
  expect(bytesText(range(640, 0), 'B/s')).toBe('640\u202fB/s');
  expect(bytesText(null, 'B')).toBe('not measured');
  expect(capacityCells(capacityOf(WORKLOAD, { ...DEMANDS, redisCpuUs: range(0), sessionBytes: range(0) }))).toEqual([
    '2',
    'none',
    'none',
    '4\u202fMB/s',
    'no Redis',
  ]);
});
