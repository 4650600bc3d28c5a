import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { advise } from '../../../core/advise/advise.ts';
import { evidenceOf } from '../../../core/advise/from-run.ts';
import { DEFAULT_NEEDS } from '../../../core/advise/needs.ts';
import { answerTexts } from '../../../core/advise/sentences.ts';
import { demandsOf } from '../../../core/model/demands.ts';
import type { Run } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { CHARTS } from '../../charts/index.ts';
import { drawCharts } from '../../charts/shapes/draw.ts';
import { escapeHtml } from '../../html.ts';
import { drawnSample } from '../../testing/drawn-sample.ts';
import { figure } from '../../testing/figure.ts';
import { HOSTILE, sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { unpacked } from '../interaction/unpack.ts';
import { page } from '../page.ts';
import { fragmentOf, SLIDERS, sliderText, stateOf, stepOf } from './fields.ts';
import { scalability } from './scalability.ts';
import { panelScript } from './script.ts';
import { startOf, whyDead } from './what-if.ts';

function sectionOf(run: Run): string {
  return scalability.render(buildView(run), [])?.markup ?? '';
}

async function pageOf(run: Run): Promise<string> {
  const view = buildView(run);
  return page(view, await drawCharts(CHARTS, view));
}

const plain = (markup: string) => markup.replaceAll(/<[^>]+>/g, '');

describe('the script', () => {
  test('is allowed by the page’s policy, by its hash, and fetches nothing', async () => {
    const { view, charts } = await drawnSample();
    const text = page(view, charts);
    const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(script).toBe(panelScript());
    const hash = createHash('sha256').update(script).digest('base64');
    expect(text).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(text).toContain('default-src &#39;none&#39;');
    expect(script).not.toMatch(/innerHTML|fetch|https?:|^\s*(import|export)\b|\beval\b/m);
  });

  test('gives each top-level name one meaning, since its files share a scope', () => {
    const names = [...panelScript().matchAll(/^(?:const|let|function|class) (\w+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('is not on a page that has nothing for it', async () => {
    const text = await pageOf({ ...sampleRun(), figures: [] });
    expect(text).not.toContain('<script');
    expect(text).not.toContain('script-src');
  });
});

describe('the section', () => {
  test('answers for the initial needs without a script, like the model', () => {
    const run = evidenceOf(sampleRun());
    const start = startOf(run);
    const text = sectionOf(sampleRun());
    for (const sentence of answerTexts(advise(run, start), start, run)) expect(text).toContain(escapeHtml(sentence));
    expect(plain(text)).toContain('Ruled out');
    expect(plain(text)).toContain('What would change the first place');
    expect(text).toMatch(/<form id="what-if"[^>]* hidden>/);
  });

  test('starts where the fitting arms need different numbers of replicas', () => {
    const run = evidenceOf(sampleRun());
    const replicas = advise(run, startOf(run)).ranked.map(({ sizing }) => sizing?.replicas.value);
    expect(replicas.length).toBeGreaterThan(2);
    for (const { key, values } of SLIDERS) expect(values, key).toContain(startOf(run)[key]);
    expect(new Set(replicas).size).toBeGreaterThan(2);
  });

  test('lets no malicious name out of its attributes', async () => {
    const run = sampleRun();
    const text = sectionOf({
      ...run,
      runId: HOSTILE,
      arms: run.arms.map((arm) => ({ ...arm, title: HOSTILE })),
      figures: [...run.figures, figure(HOSTILE, 'cpu_us_per_request', 50)],
    });
    expect(text).not.toContain('<script');
    const [, held = ''] = /<div id="what-if-run" hidden>([\w+/=]+)<\/div>/.exec(text) ?? [];
    expect(JSON.stringify(await unpacked(held))).toContain('<script>');
  });

  test('is absent without costs and models, and says so if nothing was held out', () => {
    expect(sectionOf({ ...sampleRun(), figures: [] })).toBe('');
    const bare = sectionOf({ ...sampleRun(), figures: [figure('jwt-hs256', 'cpu_us_per_request', 50)] });
    expect(bare).toContain('not tested on a larger fleet');
    expect(bare).not.toContain('Coefficients and errors');
  });

  test('uses the costs on shares of a core if the toll was not measured, and says so', () => {
    const run = sampleRun();
    const figures = [
      figure('jwt-hs256', 'cpu_us_per_request', 120, { experiment: 'scale', factors: { replicas: 2 } }),
      figure('jwt-hs256', 'cpu_us_per_request', 110, { experiment: 'scale', factors: { replicas: 1 } }),
    ];
    const arm = evidenceOf({ ...run, figures }).arms.find(({ name }) => name === 'jwt-hs256');
    expect(arm?.cpuUs).toMatchObject({ experiment: 'scale', value: 110 });
    expect(sectionOf({ ...run, figures })).toContain('jwt-hs256 was measured on a share of a core');
  });
});

describe('the controls', () => {
  const run = evidenceOf(sampleRun());

  test('include no slider without effect: the reason is shown instead', () => {
    const bare = {
      ...run,
      arms: run.arms.map((arm) => ({ ...arm, storedBytes: {}, redisCommands: null, declares: null })),
    };
    const text = sectionOf({
      ...sampleRun(),
      figures: sampleRun().figures.filter(({ experiment }) => experiment !== 'store'),
    });
    expect(text).not.toContain('id="what-if-users"');
    expect(text).toContain('memory was not measured in this run');
    const dead = SLIDERS.filter((slider) => whyDead(slider, bare) !== null).map(({ key }) => key);
    expect(dead).toEqual(['users', 'revokeWithinMs', 'criticalWithinMs', 'criticalShare', 'rttMs']);
    const all = evidenceOf({
      ...sampleRun(),
      arms: [...sampleRun().arms, armSummary('hybrid', { serverState: 'redis' })],
    });
    expect(SLIDERS.filter((slider) => whyDead(slider, all) !== null)).toEqual([]);
  });

  test('describe their values in words', () => {
    const said = (key: string, value: number | null) => {
      const slider = SLIDERS.find((one) => one.key === key);
      return slider === undefined ? '' : sliderText(slider, stepOf(slider, value));
    };
    expect(said('requestsPerSecond', 40_000)).toBe('40,000 requests a second');
    expect(said('users', 2e6)).toBe('2 million');
    expect(said('revokeWithinMs', 0)).toBe('at once');
    expect(said('revokeWithinMs', 300_000)).toBe('within 5 min');
    expect(said('revokeWithinMs', null)).toBe('when it expires');
    expect(said('p99Ms', null)).toBe('no limit');
    expect(said('criticalShare', 0.05)).toBe('5 % of requests');
  });

  test('are stored in the URL, and read from it; invalid values change nothing', () => {
    const needs = {
      ...DEFAULT_NEEDS,
      requestsPerSecond: 50_000,
      revokeWithinMs: 0,
      criticalWithinMs: 0,
      p99Ms: 20,
      clients: ['browser' as const, 'api' as const],
      crossOrigin: true,
      outage: 'answer' as const,
      store: 'none' as const,
      prices: { replica: 30, redisNode: 200, gigabyte: 0.05 },
      budget: 5000,
    };
    const fragment = fragmentOf(needs, DEFAULT_NEEDS, 4);
    expect(fragment).toBe(
      '#what-if:requestsPerSecond=50000,revokeWithinMs=0,criticalWithinMs=0,p99Ms=20,crossOrigin=true,outage=answer,store=none,clients=browser+api,prices=30+200+0.05,budget=5000,replicas=4',
    );
    expect(stateOf(fragment, DEFAULT_NEEDS)).toEqual({ needs, replicas: 4 });
    expect(fragmentOf(DEFAULT_NEEDS, DEFAULT_NEEDS, 0)).toBe('');
    expect(stateOf('#charts', DEFAULT_NEEDS)).toBeNull();
    const nonsense =
      '#what-if:requestsPerSecond=-1,users=x,crossOrigin=maybe,clients=fridge,store=disk,prices=1+2,replicas=1.5,__proto__=1';
    expect(stateOf(nonsense, DEFAULT_NEEDS)).toEqual({ needs: DEFAULT_NEEDS, replicas: 0 });
    expect(stateOf('#what-if:requestsPerSecond=9e99', DEFAULT_NEEDS)?.needs.requestsPerSecond).toBe(1e6);
  });
});

test('demands include the bytes of stored sessions and families, and nothing outside Redis', () => {
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
  const bytes = arms.map((arm) => demandsOf(figures, arm)?.demands.sessionBytes?.value);
  expect(bytes).toEqual([640, 900, 0, 0]);
});
