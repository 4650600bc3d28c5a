/** Checks the advice against the cases of `testing/cases/`. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../results/journal.ts';
import type { Run } from '../results/schema.ts';
import { advise } from './advise.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS } from './needs.ts';
import type { Rule } from './reason.ts';
import type { Case } from './testing/cases/case.ts';
import { CLIENTS } from './testing/cases/clients.ts';
import { EVIDENCE } from './testing/cases/evidence.ts';
import { LOAD } from './testing/cases/load.ts';
import { REVOCATION } from './testing/cases/revocation.ts';
import { STORES } from './testing/cases/stores.ts';
import { knownRun } from './testing/known-run.ts';

function recorded(): Run {
  const path = new URL('../../reports/testing/recorded/full.journal.jsonl.gz', import.meta.url);
  return replay(readJournal(gunzipSync(readFileSync(path)).toString()));
}

const KNOWN = evidenceOf(knownRun());
const RECORDED = evidenceOf(recorded());
const runOf = ({ run = KNOWN }: Case) => (run === 'recorded' ? RECORDED : run);

const CASES: readonly Case[] = [...REVOCATION, ...CLIENTS, ...STORES, ...LOAD, ...EVIDENCE];
const named = (rules: readonly Rule[]) => [...rules].sort().join(' and ');

describe.each(CASES)('$needs', (one) => {
  const { given, first, certainty, out = {}, conflicts, because } = one;
  const advice = advise(runOf(one), { ...DEFAULT_NEEDS, ...given });

  it(`puts ${first.join(' and ') || 'nothing'} first: ${because}`, () => {
    expect([...advice.first].sort()).toEqual([...first].sort());
    expect(advice.certainty).toBe(certainty);
  });

  it('names the needs that rule out the other arms', () => {
    for (const [name, rule] of Object.entries(out)) {
      const arm = advice.ruledOut.find((other) => other.name === name);
      const broken = arm?.reasons.filter(({ verdict }) => verdict === 'breaks') ?? [];
      expect(
        broken.map((reason) => reason.rule),
        name,
      ).toContain(rule);
    }
    if (conflicts !== undefined) expect(advice.conflicts.map(named)).toEqual(conflicts.map(named));
  });
});

it('has at least 50 cases, each with different needs', () => {
  const questions = CASES.map((one) => JSON.stringify([one.given, runOf(one).arms.length, runOf(one).pairs]));
  expect(new Set(questions).size).toBe(CASES.length);
  expect(CASES.length).toBeGreaterThanOrEqual(50);
});
