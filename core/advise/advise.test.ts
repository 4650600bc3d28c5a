import { expect, it } from 'vitest';
import { advise } from './advise.ts';
import { costOf } from './cost.ts';
import { firstOf } from './first.ts';
import { evidenceOf } from './from-run.ts';
import { DEFAULT_NEEDS, faultsOf, type StoreAllowed } from './needs.ts';
import { orderOf } from './order.ts';
import { knownRun } from './testing/known-run.ts';
import { replayableNeeds } from './testing/needs.ts';

const RUN = evidenceOf(knownRun({ spread: 0.03 }));
const NEEDS = replayableNeeds(400, 7);

it('finds the same first arms by the fast path as by the full ranking, whatever the needs', () => {
  for (const needs of NEEDS) {
    expect(firstOf(RUN, needs).sort(), JSON.stringify(needs)).toEqual([...advise(RUN, needs).first].sort());
  }
});

it('puts each arm into one place: ranked, ruled out for a reason, or open', () => {
  for (const needs of NEEDS) {
    const { ranked, ruledOut, open, faults } = advise(RUN, needs);
    expect(faults).toEqual(faultsOf(needs));
    if (faults.length > 0) continue;
    expect([...ranked, ...ruledOut, ...open].map(({ name }) => name).sort()).toEqual(
      RUN.arms.map(({ name }) => name).sort(),
    );
    for (const { reasons } of ranked) expect(reasons.map(({ verdict }) => verdict)).not.toContain('breaks');
    for (const { reasons } of ruledOut) expect(reasons.map(({ verdict }) => verdict)).toContain('breaks');
    // Every reason cites a source.
    for (const { reasons } of [...ranked, ...ruledOut])
      for (const { figures, declared, published } of reasons)
        expect(figures.length > 0 || declared !== null || published !== null).toBe(true);
  }
});

it('names, if nothing fits, minimal sets of needs that no arm meets together', () => {
  const empty = NEEDS.map((needs) => advise(RUN, needs)).filter(
    ({ certainty, faults }) => certainty === 'none' && faults.length === 0,
  );
  expect(empty.length).toBeGreaterThan(20);
  for (const { conflicts, ruledOut } of empty) {
    expect(conflicts.length).toBeGreaterThan(0);
    const broken = ruledOut.map(({ reasons }) =>
      reasons.filter(({ verdict }) => verdict === 'breaks').map(({ rule }) => rule),
    );
    for (const set of conflicts) {
      expect(broken.every((rules) => set.some((rule) => rules.includes(rule)))).toBe(true);
      for (const left of set) {
        const smaller = set.filter((rule) => rule !== left);
        expect(broken.every((rules) => smaller.some((rule) => rules.includes(rule)))).toBe(false);
      }
    }
  }
});

it('reverses the order of two arms when they are swapped, whatever the needs', () => {
  const candidates = RUN.arms.map((arm) => ({ arm, cost: costOf(arm, RUN) }));
  const opposite = { before: 'after', after: 'before', tied: 'tied', unknown: 'unknown' } as const;
  const loads = [3_000, 40_000];
  const all = NEEDS.slice(0, 60).flatMap((one) => loads.map((requestsPerSecond) => ({ ...one, requestsPerSecond })));
  for (const needs of all) {
    for (const [i, a] of candidates.entries()) {
      for (const b of candidates.slice(i + 1))
        expect(orderOf(b, a, needs, RUN)).toBe(opposite[orderOf(a, b, needs, RUN)]);
    }
  }
});

it('claims no order that the comparison of two arms does not support', () => {
  const candidates = RUN.arms.map((arm) => ({ arm, cost: costOf(arm, RUN) }));
  const plain = NEEDS.filter(({ prices, criticalShare }) => prices === null && criticalShare === 0);
  // With one user who returns often, every request finds a cached copy, as in the run, so no lookups are added.
  for (const needs of plain.map((one) => ({ ...one, users: 1, requestsPerSecond: 10_000 }))) {
    for (const a of candidates) {
      for (const b of candidates) {
        if (a === b) continue;
        const order = orderOf(a, b, needs, RUN);
        const pair = RUN.pairs.find((one) => one.a === a.arm.name && one.b === b.arm.name);
        if (pair === undefined) continue;
        const borne = { less: 'before', more: 'after', 'no difference': 'tied', 'one sample': 'unknown' } as const;
        expect(order).toBe(borne[pair.outcome]);
      }
    }
  }
});

it('puts no arm before another if no difference was found, whatever the interval of their ratio', () => {
  // The outcome is adjusted for the number of pairs, and the interval is not, so it may lie on one side of 1.
  const pairs = RUN.pairs.map((pair) => ({
    ...pair,
    outcome: 'no difference' as const,
    ratio: { ...pair.ratio, value: 0.7, low: 0.5, high: 0.9 },
  }));
  const run = { ...RUN, pairs };
  const candidates = run.arms.map((arm) => ({ arm, cost: costOf(arm, run) }));
  const needs = { ...DEFAULT_NEEDS, criticalShare: 0, users: 1 };
  const compared = pairs.flatMap(({ a, b }) => {
    const [one, other] = [a, b].map((name) => candidates.find(({ arm }) => arm.name === name));
    return one === undefined || other === undefined ? [] : [[one, other] as const];
  });
  expect(compared.length).toBeGreaterThan(20);
  for (const [one, other] of compared) expect(orderOf(one, other, needs, run)).toBe('tied');
});

it('says that a session file serves one machine only, and treats it as a store if no store is wanted', () => {
  const arms = RUN.arms.map((arm) => (arm.name === 'session-redis' ? { ...arm, serverState: 'file' } : arm));
  const needs = { ...DEFAULT_NEEDS, clients: ['browser' as const] };
  const told = (store: StoreAllowed) => {
    const { ranked, ruledOut } = advise({ ...RUN, arms }, { ...needs, store });
    const { reasons } = [...ranked, ...ruledOut].find(({ name }) => name === 'session-redis') ?? { reasons: [] };
    return reasons.filter(({ rule }) => rule === 'store').map(({ verdict, text }) => `${verdict}: ${text}`);
  };
  const kept = 'it keeps state in a file that the replicas share';
  expect(told('redis')).toEqual([`caution: ${kept}, which only works on one machine`]);
  expect(told('process')).toEqual([`breaks: ${kept}`]);
  expect(told('none')).toEqual([`breaks: ${kept}`]);
});
