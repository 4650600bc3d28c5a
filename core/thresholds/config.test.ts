import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nearest } from '../text/nearest.ts';
import { ConfigError, configSchema, parseConfig, readConfig } from './config.ts';

const ARMS = ['none', 'session-redis', 'jwt-hs256'];
const VOCABULARY = { arms: ARMS, experiments: ['toll', 'latency', 'compare'], near: nearest };
const parse = (value: unknown) =>
  parseConfig('tollgate.config.json', typeof value === 'string' ? value : JSON.stringify(value), {
    ...VOCABULARY,
  });
const faultsOf = (value: unknown): readonly string[] => {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

it('reads limits for one arm and for all, lenient and strict', () => {
  const { thresholds, compare } = parse({
    compare: { arms: ['jwt-hs256'], marginPct: 1, budget: '2m' },
    thresholds: { '*': ['cpu_toll_us < 60'], none: [{ limit: 'response_bytes <= 300', strict: true }] },
  });
  expect(compare).toEqual({ arms: ['jwt-hs256'], marginPct: 1, budget: '2m' });
  expect(thresholds.map(({ arm, strict, expression }) => [arm, strict, expression.metric])).toEqual([
    [null, false, 'cpu_toll_us'],
    ['none', true, 'response_bytes'],
  ]);
});

it('reports every fault at once, with suggestions', () => {
  const faults = faultsOf({
    compare: { arms: ['sesion-redis'] },
    thresholds: { 'jwt-hs265': ['cpu_toll_us < 60'], none: ['cpu_tol_us < 60', 'cpu_toll_us < x'] },
  });
  expect(faults).toHaveLength(4);
  expect(faults[0]).toMatch(/did you mean session-redis\?/);
  expect(faults[1]).toMatch(/did you mean jwt-hs256\?/);
  expect(faults[2]).toMatch(/did you mean cpu_toll_us\?/);
  expect(faults[3]).toMatch(/x is not a number/);
});

it('tells faults of shape and of names together, each with its place', () => {
  const faults = faultsOf({
    treshold: {},
    compare: { arms: ['sesion-redis'], budget: 'long', marginPct: -1 },
    strict: 'yes',
    thresholds: { '*': ['cpu_toll_us < 1', 'cpu_toll_us{in_fligt=10} = x', 7], none: 'cpu_toll_us < 1' },
  }).join('\n');
  expect(faults).toMatch(/unknown key "treshold"/);
  expect(faults).toMatch(/compare\.arms: there is no arm "sesion-redis"; did you mean session-redis\?/);
  expect(faults).toMatch(/compare\.budget must be a time such as 90s/);
  expect(faults).toMatch(/compare\.marginPct must be/);
  expect(faults).toMatch(/strict must be boolean/);
  expect(faults).toMatch(/thresholds\.\*\.1: .*unknown comparison =.*x is not a number.*did you mean in_flight\?/);
  expect(faults).toMatch(/thresholds\.none must be array/);
});

it('makes every limit strict if the file says so', () => {
  const limits = { none: ['cpu_toll_us < 60', { limit: 'response_bytes <= 300', strict: false }] };
  expect(parse({ strict: true, thresholds: limits }).thresholds.map(({ strict }) => strict)).toEqual([true, true]);
  expect(parse({ strict: false, thresholds: limits }).thresholds.map(({ strict }) => strict)).toEqual([false, false]);
});

it('names unknown keys and wrong shapes', () => {
  expect(faultsOf({ treshold: {} })[0]).toMatch(/unknown key "treshold"; did you mean thresholds\?/);
  expect(faultsOf({ compare: { margin: 2 } })[0]).toMatch(
    /compare has an unknown key "margin"; did you mean marginPct\?/,
  );
  expect(faultsOf({ compare: { marginPct: 0 } })).toHaveLength(1);
  expect(faultsOf('{')[0]).toMatch(/not JSON/);
});

it('works without a file, but not without one that was named', () => {
  expect(() => readConfig('no/such.json', VOCABULARY)).toThrow(/--config: no\/such\.json not found/);
});

it('has a schema file in the repository', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../../tollgate.config.schema.json', import.meta.url), 'utf8'),
  );
  expect(published).toEqual(JSON.parse(JSON.stringify(configSchema())));
});

it('reports more faults than the schema library lists by default', () => {
  const wrong = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i]));
  expect(faultsOf(wrong)).toHaveLength(20);
});

it('names the nearest metrics of all and where they are listed, not more than a hundred names', () => {
  const [fault = ''] = faultsOf({ thresholds: { none: ['zzz < 60'] } });
  expect(fault).toMatch(
    /there is no metric zzz; the nearest are \w+, \w+, \w+; docs\/results-format\.md lists all \d{3}$/,
  );
});

it('accepts a file that begins with a byte order mark', () => {
  expect(parse('\ufeff{"strict": true, "thresholds": {"*": ["cpu_toll_us < 60"]}}').thresholds).toHaveLength(1);
});
