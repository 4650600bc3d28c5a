import { describe, expect, it } from 'vitest';
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { CHARTS } from '../charts/index.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { ledgerOf, referenceTo, tally, verdictText } from './ledger.ts';
import { ledgerJson, ledgerText } from './print.ts';
import { CLAIMS } from './registry.ts';

const plain = { columns: 100, figures: true, paint: (_style: string, text: string) => text };

describe('the registry', () => {
  it('numbers the claims in order', () => {
    expect(CLAIMS.map(({ number }) => number)).toEqual(CLAIMS.map((_, i) => i + 1));
    expect(new Set(CLAIMS.map(({ id }) => id)).size).toBe(CLAIMS.length);
  });

  it('names existing experiments', () => {
    const known = new Set(EXPERIMENTS.map(({ name }) => name));
    expect(CLAIMS.flatMap(({ experiments }) => experiments).filter((name) => !known.has(name))).toEqual([]);
  });

  it('names existing charts, or the section on browsers', () => {
    const known = new Set([...CHARTS.map(({ id }) => id), 'browser']);
    expect(CLAIMS.flatMap(({ charts }) => charts).filter((id) => !known.has(id))).toEqual([]);
    expect(CLAIMS.filter(({ charts }) => charts.length === 0)).toEqual([]);
  });
});

describe('the ledger', () => {
  it('says of a run without figures that nothing was measured, and how to measure it', () => {
    const ledger = ledgerOf({ ...sampleRun(), figures: [] });
    expect(tally(ledger)).toEqual([{ verdict: 'not measured', count: CLAIMS.length }]);
    expect(ledger.map(verdictText)).toEqual(CLAIMS.map(() => 'not measured in this run'));
    expect(ledger[2]?.because).toContain('npm run bench -- --profile full --experiments browser');
  });

  it('shows only figures of the run next to a verdict, and can find each by its reference', () => {
    const run = sampleRun();
    const shown = ledgerOf(run).flatMap(({ figures }) => figures);
    expect(shown.length).toBeGreaterThan(10);
    for (const { figure } of shown) {
      expect(run.figures).toContain(figure);
      expect(run.figures.filter((other) => referenceTo(other) === referenceTo(figure))).toHaveLength(1);
    }
  });

  it('has figures for every verdict, a condition for every conditional one, and none for the others', () => {
    for (const { verdict, condition, figures } of ledgerOf(sampleRun())) {
      expect(condition !== null).toBe(verdict === 'holds only if');
      expect(figures.length > 0).toBe(verdict !== 'not measured');
    }
  });
});

describe('the ledger in a terminal', () => {
  it('is a table that fits its columns', () => {
    const run = sampleRun();
    const text = ledgerText(run, ledgerOf(run), { ...plain, figures: false });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    for (const { statement } of CLAIMS) expect(text).toContain(statement.split(' ').slice(0, 3).join(' '));
  });

  it('prints the references if figures are requested', () => {
    const run = sampleRun();
    expect(ledgerText(run, ledgerOf(run), plain)).toContain('toll · jwt-hs256 · request_bytes');
  });

  it('is equivalent as JSON, with each figure complete', () => {
    const run = sampleRun();
    const { claims } = ledgerJson(run, ledgerOf(run));
    expect(claims).toHaveLength(CLAIMS.length);
    expect(claims[15]).toMatchObject({ id: 'identifier-bytes', verdict: 'holds', text: 'holds', condition: null });
    expect(claims[15]?.figures[0]).toMatchObject({ arm: 'none', reference: 'toll · none · request_bytes', value: 62 });
  });
});
