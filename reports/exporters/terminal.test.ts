import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Figure } from '../../core/results/schema.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import { figure } from '../testing/figure.ts';
import { manyArms } from '../testing/many-arms.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { renderTerminal } from './terminal.ts';

/** The experiments of the quick profile, from the sample. */
function quickRun() {
  const run = sampleRun();
  const quick = ['toll', 'scale', 'latency', 'hot-path', 'revocation', 'browser'];
  const arms = ['none', 'session-redis', 'session-redis-lean', 'jwt-hs256', 'jwt-rs256', 'jwt-denylist', 'hybrid'];
  const isOf = ({ experiment, arm }: Figure) => quick.includes(experiment) && (arm === null || arms.includes(arm));
  return { ...run, figures: run.figures.filter(isOf) };
}

function limit(outcome: ThresholdResult['outcome'], of: ThresholdResult['figure']): ThresholdResult {
  const chosen = { metric: 'cpu_toll_us', factors: {}, experiment: null } as const;
  const expression = { ...chosen, text: 'cpu_toll_us < 60', operator: '<', limit: 60 } as const;
  return { outcome, figure: of, threshold: { arm: of?.arm ?? 'jwt-es256', expression, strict: false } };
}

const text = (width: number, run = sampleRun(), colour = false) =>
  renderTerminal(buildView(run), { colour, width, directory: 'results/latest' });

test.each([60, 80, 100])('no line is longer than %i columns', (width) => {
  const lines = text(width).split('\n');
  expect(lines.filter((line) => line.length > width)).toEqual([]);
});

test('a wider terminal does not make lines too long to read', () => {
  expect(
    Math.max(
      ...text(400)
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(100);
});

test('colour changes no text, and without it there are no control characters', () => {
  expect(stripVTControlCharacters(text(80, sampleRun(), true))).toBe(text(80));
  expect(text(80, sampleRun(), true)).not.toBe(text(80));
});

test('figures come first, cheapest first, then limits, files and warnings, and the answer last', () => {
  const shown = renderTerminal(buildView({ ...sampleRun(), interrupted: true }), {
    ...{ colour: false, width: 80, directory: 'results/latest' },
    limits: [limit('broken', figure('jwt-hs256', 'cpu_toll_us', 70))],
  });
  const titles = [
    '\nCost of one',
    '\nUnder load',
    '\nHow long a revoked',
    '\nLimits',
    '\nReport:',
    '\nWarnings',
    '\nAnswer',
  ];
  const at = titles.map((title) => shown.indexOf(title));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(shown.trimEnd().split('\n').at(-1)).toMatch(/\.$/);
  expect(shown.slice(shown.indexOf('\nAnswer'))).toMatch(/Choose (sessions|tokens|both) if /);
});

test.each([
  ['a quick run', 60, quickRun()],
  ['a quick run', 80, quickRun()],
  ['a run of every experiment', 60, sampleRun()],
  ['a run of every experiment', 80, sampleRun()],
  ['a run of 31 arms', 60, manyArms(sampleRun())],
  ['a run of 31 arms', 80, manyArms(sampleRun())],
])('%s fits a screen of 44 lines at %i columns, with its limits, and whole', (_what, width, run) => {
  const shown = renderTerminal(buildView(run), {
    ...{ colour: false, width, directory: 'results/latest' },
    limits: [
      limit('kept', figure('jwt-hs256', 'cpu_toll_us', 12)),
      limit('broken', figure('session-redis', 'cpu_toll_us', 71.2)),
    ],
  });
  const lines = shown.trimEnd().split('\n');
  expect(lines.length, shown).toBeLessThanOrEqual(44);
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  // The verdict comes last, with a line for each of its arms.
  expect(lines.slice(lines.indexOf('Answer')).join(' ')).toMatch(/ Choose (sessions|tokens|both) if .*\.$/);
  for (const arm of ['none', 'session-redis', 'jwt-hs256']) expect(shown).toMatch(new RegExp(`^  ${arm} `, 'm'));
});

test('arms that do not fit are counted, and costs stay in order', () => {
  const shown = text(60, manyArms(sampleRun()));
  expect(shown).toMatch(/^ {2}\d+ more in the report$/m);
  const table = shown.slice(shown.indexOf('Cost of one'), shown.indexOf('more in the report'));
  const costs = [...table.matchAll(/^ {2}[\w-]+ +(\d+(?:\.\d+)?) \[/gm)].map(([, cost]) => Number(cost));
  expect(costs.length).toBeGreaterThanOrEqual(3);
  expect(costs).toEqual(costs.toSorted((a, b) => a - b));
});

test('the legend explains the letters that are shown, and the usual interval', () => {
  const [first] = sampleRun().figures;
  const run = { ...sampleRun(), figures: [...sampleRun().figures, { ...first, confidence: 0.999 } as Figure] };
  expect(text(80, run)).toContain('[low–high] 95 % interval');
  const shown = text(80, quickRun());
  const legend = shown.slice(shown.indexOf('[low–high]'), shown.indexOf('Report:')).replaceAll('\n', ' ');
  for (const letter of new Set([...shown.matchAll(/†([A-Za-z])/g)].map(([, one]) => one))) {
    expect(legend).toMatch(new RegExp(`[ †]${letter} [a-z]`));
  }
});

test.each([60, 80, 100])(
  'no table breaks into a second block at %i columns: columns that do not fit are dropped',
  (width) => {
    const shown = text(width, quickRun());
    expect(shown.match(/^ {2}Arm\b/gm)).toHaveLength(2);
    expect(shown).toMatch(/incl\./);
    expect(shown).toContain('× baseline');
  },
);

test('a wider terminal shows the columns of a narrower one, and more', () => {
  const heads = (width: number) =>
    text(width, quickRun()).includes('Request') && text(width, quickRun()).includes('commands');
  expect([heads(60), heads(100)]).toEqual([false, true]);
});

test('a limit is shown by its name, with a sign for its outcome', () => {
  const shown = renderTerminal(buildView(sampleRun()), {
    ...{ colour: false, width: 100 },
    limits: [
      limit('kept', figure('none', 'cpu_toll_us', 10)),
      limit('kept', figure('jwt-hs256', 'cpu_toll_us', 12)),
      limit('broken', figure('session-redis', 'cpu_toll_us', 71.2)),
      limit('cannot-tell', figure('hybrid', 'cpu_toll_us', 60)),
      limit('not-measured', null),
    ],
  });
  expect(shown).toContain('✓ cpu_toll_us < 60 (none, jwt-hs256)');
  expect(shown).toMatch(/✗ session-redis: cpu_toll_us < 60: 71\.2 \[.*\] µs\n/);
  expect(shown).toMatch(/\? hybrid: cpu_toll_us < 60: 60\.0 \[.*\] µs, inconclusive/);
  expect(shown).toContain('– cpu_toll_us < 60 (jwt-es256): not measured');
});

test('arms that refuse at once are listed together, and the others by how long credentials stay valid', () => {
  const lag = (arm: string, value: number, low = value) => ({
    ...figure(arm, 'revocation_lag_ms', value, {
      experiment: 'revocation',
      factors: { kind: 'logout', operation: 'read', quantile: 'max', settings: 'deployed' },
      spread: 0,
    }),
    low,
  });
  const run = sampleRun();
  const figures = [
    figure('none', 'cpu_us_per_request', 30),
    lag('session-redis', 3, 0),
    lag('jwt-denylist', 2, 0),
    lag('jwt-hs256', 800_000),
    lag('hybrid', 850_000),
  ];
  const shown = text(80, { ...run, figures });
  expect(shown).toMatch(/at once +jwt-denylist, session-redis\n +up to 14 min +jwt-hs256, hybrid\n/);
});

test('a single experiment is printed in full', () => {
  const figures = sampleRun().figures.filter(({ experiment }) => experiment === 'latency');
  expect(text(80, { ...sampleRun(), figures })).toContain('Latency in ms since a request was due');
  expect(text(80)).not.toContain('Latency in ms since a request was due');
});

test('requests and responses are named as such', () => {
  const figures = [
    figure('none', 'cpu_us_per_request', 30),
    figure('none', 'request_bytes', 43, { spread: 0 }),
    figure('none', 'response_bytes', 261, { spread: 0 }),
    figure('jwt-hs256', 'cpu_us_per_request', 50),
    figure('jwt-hs256', 'request_bytes', 435, { spread: 0 }),
    figure('jwt-hs256', 'response_bytes', 262, { spread: 0 }),
  ];
  const shown = text(100, { ...sampleRun(), figures });
  expect(shown.replaceAll(/\s+/g, ' ')).toContain('CPU per Request Response Arm request, µs bytes bytes');
  expect(shown).toMatch(/jwt-hs256 +50\.0 \[49\.5–50\.5\] +435 +262/);
});

test('responses of equal size are stated in a sentence instead of a column', () => {
  const figures = [
    figure('none', 'cpu_us_per_request', 30),
    figure('none', 'response_bytes', 261, { spread: 0 }),
    figure('jwt-hs256', 'cpu_us_per_request', 50),
    figure('jwt-hs256', 'response_bytes', 261, { spread: 0 }),
  ];
  expect(text(80, { ...sampleRun(), figures })).toContain('Every response is 261 B long.');
});

test('problems are reported before the answer', () => {
  const shown = text(80, { ...sampleRun(), interrupted: true, complete: false });
  expect(shown.indexOf('The run was interrupted')).toBeGreaterThan(0);
  expect(shown.indexOf('The run was interrupted')).toBeLessThan(shown.indexOf('\nAnswer'));
});

test('a run without figures still names its files', () => {
  expect(text(80, { ...sampleRun(), figures: [], experiments: [] })).toContain('results/latest/report.html');
});

test('a command that it suggests can be copied, whatever the folder is called', () => {
  const printed = renderTerminal(buildView(sampleRun()), { colour: false, width: 100, directory: "my runs/it's" });
  expect(printed).toContain("npm run claims -- 'my runs/it'\\''s'");
  expect(text(100)).toContain('npm run claims -- results/latest');
});
