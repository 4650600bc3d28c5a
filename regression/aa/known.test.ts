import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { summarise } from './aa.ts';
import { knownRatesOf, ratesFor, ratesLines, saveRates } from './known.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-rates-'));
const path = join(folder, 'deep', 'rates.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const AT = '2026-01-02T03:04:05.000Z';
const NOW = Date.parse('2026-02-01T00:00:00Z');
const RULES = [
  { slowdownPct: 0, seconds: 60, marginPct: 2, target: null },
  { slowdownPct: 5, seconds: 60, marginPct: 2, target: null },
];
/** Sixty comparisons of six forks each, of identical servers and of servers that are 5 % slower. */
const forks = Array.from({ length: 360 }, (_, i) => ({
  arm: 'an-arm',
  machineClass: 'a class',
  version: '1 on Node v2',
  at: i === 7 ? AT : '2025-12-31T00:00:00.000Z',
  seconds: 15,
  referenceUs: 50,
  logRatios: { 0: 0.001 * Math.sin(i), 5: Math.log(1.05) + 0.001 * Math.cos(i) },
  gcLogRatios: {},
}));

it('stores the rates for each class of machine, and returns them', () => {
  const rates = knownRatesOf(summarise('an-arm', RULES, forks), 'a class');
  expect(rates?.rates.map(({ hits, comparisons }) => [hits, comparisons])).toEqual([
    [0, 60],
    [60, 60],
  ]);
  // Dated by the newest fresh start, not by the day on which they were counted.
  expect(rates?.at).toBe(AT);
  if (rates === null) throw new Error('there are rates');
  saveRates(path, rates);
  saveRates(path, { ...rates, machineClass: 'another', at: '2025-01-01T00:00:00.000Z' });
  saveRates(path, rates);
  expect(JSON.parse(readFileSync(path, 'utf8')).classes).toHaveLength(2);
  const here = ratesFor(path, 'a class', NOW);
  expect(here).toEqual({ known: rates, doubt: null });
  // Wilson's interval of none of sixty reaches to 6.0 %, of all of them down to 94.0 %.
  expect(ratesLines(here, 2)).toEqual([
    'On this class of machine, aa of 2026-01-02 with an-arm, each of one arm and its CPU time, without counts: ' +
      'false alarms in 0 of 60 comparisons, 0.0 % [0.0 % to 6.0 %], at most 60 s each with a margin of 2 %; ' +
      '+5 % found in 60 of 60 comparisons, 100.0 % [94.0 % to 100.0 %], at most 60 s each with a margin of 2 %.',
  ]);
  expect(ratesLines(here, 1)[0]).toMatch(/None of them used this comparison's margin of 1 %\.$/);
});

it('flags rates that are old, of another class, damaged, or missing', () => {
  expect(ratesLines(ratesFor(path, 'another', NOW), 2)[0]).toMatch(
    /They are less reliable: they are more than 90 days old\.$/,
  );
  expect(ratesFor(path, 'a third', NOW)).toMatchObject({
    known: null,
    doubt: expect.stringMatching(/another class: an/),
  });
  expect(ratesLines(ratesFor(join(folder, 'none.json'), 'x', NOW), 2)[0]).toMatch(/unknown: none were measured\./);
  writeFileSync(path, '{"schemaVersion":1,"classes":[{"machineClass":""}]}');
  expect(ratesFor(path, 'a class', NOW).doubt).toMatch(/is damaged/);
  expect(() => saveRates(path, { machineClass: 'x', at: AT, arm: 'a', rates: [] })).toThrow(/damaged/);
});

it('stores nothing for an aa without a margin', () => {
  const rules = RULES.map((rule) => ({ ...rule, marginPct: null }));
  expect(knownRatesOf(summarise('an-arm', rules, forks), 'a class')).toBeNull();
});
