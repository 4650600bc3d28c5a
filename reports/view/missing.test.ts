import { expect, test } from 'vitest';
import type { Reference } from '../../core/results/reference/reference.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from './view.ts';

const run = sampleRun();
const tollOnly = { ...run, figures: run.figures.filter(({ experiment }) => experiment === 'toll') };
const claim = (number: number, id: string) => ({
  number,
  id,
  statement: 'S',
  verdict: 'holds' as const,
  condition: null,
  because: 'There.',
  turns: null,
  contrary: null,
});
const reference: Reference = {
  schemaVersion: 1,
  version: '0.1.0',
  run: { ...run, environment: { ...run.environment, cpuModel: 'Another CPU' } },
  claims: [claim(2, 'logout-simple'), claim(16, 'identifier-bytes')],
};

test('missing claims are named with one command for all of them', () => {
  const { missing } = buildView(tollOnly);
  expect(missing.claims.length).toBeGreaterThan(5);
  expect(missing.command).toMatch(/^npm run bench -- --profile full --experiments [a-z,-]+$/);
  for (const { claim: one } of missing.claims) {
    for (const name of one.experiments) expect(missing.command).toContain(name);
  }
  expect([missing.takes, missing.reference]).toEqual([null, null]);
});

test('the reference run answers only for what is missing, with its machine, and in no sentence of this run', () => {
  const view = buildView(tollOnly, null, reference);
  expect(view.missing.reference?.origin).toContain('Another CPU');
  expect(view.missing.reference?.claims.map(({ id }) => id)).toEqual(['logout-simple']);
  expect(view.missing.reference?.statements[0]?.text).toMatch(/^After revocation, session-redis ends at once/);
  expect(view.missing.reference?.choice).toMatchObject({
    choose: 'sessions',
    clauses: [{ need: 'credentials must be revocable immediately' }],
  });
  expect(view.headline.map(({ text }) => text).join(' ')).not.toMatch(/After revocation/);
  expect(JSON.stringify(view.verdict)).not.toMatch(/after revocation, /i);
});

test('the duration is that of a full run, and never of one with less time or without these experiments', () => {
  const names = buildView(tollOnly).missing.command?.split(' ').at(-1)?.split(',') ?? [];
  const [one] = run.experiments;
  if (one === undefined) throw new Error('the sample has no experiment');
  const full = names.map((name) => ({ ...one, name, seconds: 60 }));
  const takes = (budgetSeconds: number | null, experiments: typeof full) => {
    const config = { ...run.config, budgetSeconds };
    return buildView(tollOnly, null, { ...reference, run: { ...run, config, experiments } }).missing.takes;
  };
  expect(takes(null, full)).toMatch(new RegExp(`^${names.length}\\smin`));
  expect(takes(480, full)).toBeNull();
  expect(takes(null, full.slice(1))).toBeNull();
});

test('a run that measured revocation takes nothing about it from another machine', () => {
  expect(buildView(run, null, reference).missing.reference?.statements ?? []).toEqual([]);
  expect(buildView(run, null, reference).missing.reference?.choice ?? null).toBeNull();
});
