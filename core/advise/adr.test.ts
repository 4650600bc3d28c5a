import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../results/journal.ts';
import type { Run } from '../results/schema.ts';
import { nearest } from '../text/nearest.ts';
import { parseConfig } from '../thresholds/config.ts';
import { judgeThresholds } from '../thresholds/judge.ts';
import { adrOf } from './adr.ts';
import { advise } from './advise.ts';
import { confirmationOf } from './confirmation.ts';
import { flipsOf } from './flips.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS, type Needs } from './needs.ts';
import { knownRun } from './testing/known-run.ts';

const NEEDS: Needs = {
  ...DEFAULT_NEEDS,
  clients: ['api'],
  keepFromScripts: false,
  revokeWithinMs: 300_000,
  criticalWithinMs: 300_000,
};

function recordOf(measured: Run, needs = NEEDS): string | null {
  const run = evidenceOf(measured);
  const advice = advise(run, needs);
  const confirmation = confirmationOf(run, needs, advice, advice.first[0] ?? '');
  return adrOf({ run, needs, advice, flips: flipsOf(run, needs), confirmation, date: '2026-01-31' });
}

const configIn = (record: string | null) => /```json\n([\s\S]*?)\n```/.exec(record ?? '')?.[1] ?? '';

/** The headings and metadata of the MADR 4.0.0 template, in order. */
const TEMPLATE = [
  '---',
  'status: proposed',
  'date: 2026-01-31',
  'decision-makers:',
  'consulted:',
  'informed:',
  '---',
  '# Authenticate with `jwt-refresh`',
  '## Context and Problem Statement',
  '## Decision Drivers',
  '## Considered Options',
  '## Decision Outcome',
  '### Consequences',
  '### Confirmation',
  '## Pros and Cons of the Options',
  '## More Information',
];

it('is a record in the form of MADR 4.0.0', () => {
  const lines = (recordOf(knownRun()) ?? '').split('\n');
  const places = TEMPLATE.map((line, index) => lines.indexOf(line, index === 6 ? 1 : 0));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(lines).toContain(
    '* Good, because a revoked credential is refused within 5 min, as declared (declared revocation)',
  );
  expect(lines.join('\n')).toMatch(
    /^### Options that do not meet the requirements\n[\s\S]*?^\* Bad, because it accepts a revoked credential for longer than required: .*jwt-hs256 \(15 min declared\)/m,
  );
});

it('states limits that this run keeps and that fail if the order of the two arms is reversed', () => {
  const measured = knownRun();
  const arms = measured.arms.map(({ name }) => name);
  const { thresholds } = parseConfig('the record', configIn(recordOf(measured)), {
    arms,
    experiments: ['toll', 'revocation'],
    near: nearest,
  });
  const texts = thresholds.map(({ arm, expression }) => `${arm}: ${expression.text}`);
  expect(texts).toEqual([
    'jwt-denylist: total_cpu_ratio_to_arm{against=jwt-refresh} > 1',
    'jwt-refresh: total_cpu_ratio_to_baseline <= 2.82',
    'jwt-refresh: revocation_lag_ms{quantile=max,settings=deployed,operation=read} <= 300000',
  ]);
  const outcomes = (run: Run) => judgeThresholds(thresholds, run.figures).map(({ outcome }) => outcome);
  expect(outcomes(measured)).toEqual(['kept', 'kept', 'not-measured']);
  const turned = measured.figures.map((figure) =>
    figure.factors.against === 'jwt-refresh' && figure.arm === 'jwt-denylist'
      ? { ...figure, value: 0.9, low: 0.88, high: 0.92 }
      : figure,
  );
  expect(outcomes({ ...measured, figures: turned })[0]).toBe('broken');
});

it('states limits that a recorded run keeps, including revocation', () => {
  const path = new URL('../../reports/testing/recorded/full.journal.jsonl.gz', import.meta.url);
  const measured = replay(readJournal(gunzipSync(readFileSync(path)).toString()));
  const record = recordOf(measured, { ...DEFAULT_NEEDS, revokeWithinMs: 1000, criticalWithinMs: 1000 });
  expect(record).toContain('# Authenticate with `session-redis`');
  const { thresholds } = parseConfig('the record', configIn(record), {
    arms: measured.arms.map(({ name }) => name),
    experiments: ['toll', 'revocation'],
    near: nearest,
  });
  const results = judgeThresholds(thresholds, measured.figures);
  expect(results.map(({ outcome }) => outcome)).not.toContain('broken');
  expect(results.filter(({ outcome }) => outcome === 'kept').length).toBeGreaterThan(2);
});

it('writes nothing if no arm is first', () => {
  expect(recordOf(knownRun(), { ...NEEDS, revokeWithinMs: 0, criticalWithinMs: 0, store: 'none' })).toBeNull();
});

it('shows a malicious run as plain text', () => {
  const measured = knownRun();
  const hostile = '`<script>alert(1)</script>\n# Heading\n[x](javascript:1) | `code` @all```';
  const attacked = (text: string | null) => (text === null ? null : `${text}${hostile}`);
  const arms = measured.arms.map((arm) => ({ ...arm, name: attacked(arm.name) ?? '', title: hostile }));
  const figures = measured.figures.map((figure) => {
    const { against } = figure.factors;
    const factors =
      typeof against === 'string' ? { ...figure.factors, against: `${against}${hostile}` } : figure.factors;
    return { ...figure, arm: attacked(figure.arm), factors };
  });
  const environment = { ...measured.environment, cpuModel: hostile };
  const record = recordOf({ ...measured, runId: hostile, arms, figures, environment }) ?? '';
  // Inline code shows what is in it, and the JSON of the limits has no line that ends its block.
  const prose = record.replace(/^```json\n[\s\S]*?^```$/m, '').replace(/(?<![\\`])(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, '');
  expect(record).toContain('npm run bench -- --arms none');
  expect(prose).not.toContain('npm run bench');
  expect(prose).not.toContain('<script>');
  expect(prose).not.toContain('[x](');
  expect(record).not.toMatch(/^# Heading/m);
  expect(record.match(/^# /gm)).toHaveLength(1);
});

it('says what to plan for if the fleet cannot carry the load at the upper ends of its costs', () => {
  const needs = { ...NEEDS, requestsPerSecond: 1e6, utilisation: 0.9 };
  const wide = recordOf(knownRun({ spread: 0.3 }), needs) ?? '';
  expect(wide).toMatch(/if a request costs as much as its interval allows, this is too few: plan for [\d,]+ replicas/);
  expect(recordOf(knownRun({ spread: 0.01 }), needs)).not.toContain('too few');
});

it('has no empty brackets after a reason without a source', () => {
  const full = evidenceOf(knownRun());
  const arms = full.arms.map((arm) =>
    arm.name === 'jwt-es256' ? { ...arm, failedGate: true, cpuUs: null, verifiedUs: null } : arm,
  );
  const run = { ...full, arms };
  const advice = advise(run, NEEDS);
  const flips = { numbers: [], switches: [] };
  const record = adrOf({ run, needs: NEEDS, advice, flips, confirmation: null, date: '2026-01-31' });
  expect(record).toContain('* Bad, because it failed a security check of this run: jwt-es256\n');
});
