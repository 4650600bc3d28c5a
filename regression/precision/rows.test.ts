import { expect, it } from 'vitest';
import { type BuildSide, type Finding, ROWS, rowsOf, STEPS, stepsOf } from './rows.ts';
import { precisionText } from './table.ts';

const machine = { loadBefore: 0.4, stealPercent: 0.1, stalls: 1, worstLateMs: 14 };
const found = (row: string, side: BuildSide, ...values: number[]): Finding[] =>
  values.map((value) => ({ row, side, value, machine }));

it('has a target for every row, and a step for every row that some row needs', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(new Set(stepsOf(ROWS.map(({ name }) => name)))).toEqual(new Set(STEPS));
  // Rows of one run need that run once.
  expect(stepsOf(['forks', 'share', 'quick'])).toEqual(['quick']);
});

it('takes the median over turns, and compares the new build’s with the target', () => {
  const findings = [...found('start', 'base', 2.8, 9, 2.9), ...found('start', 'head', 2.0, 2.3, 2.2)];
  const [row] = rowsOf(findings, ['start']);
  expect(row).toMatchObject({ base: { value: 2.9, values: [2.8, 9, 2.9] }, head: { value: 2.2 }, met: true });
  expect(row?.ratio).toBeCloseTo(2.2 / 2.9, 9);
  expect(rowsOf(found('start', 'head', 2.3), ['start'])[0]).toMatchObject({ base: null, ratio: null, met: false });
  expect(rowsOf(found('start', 'base', 1), ['start'])[0]).toMatchObject({ head: null, ratio: null, met: null });
});

it('accepts a noisy machine’s half-width if it is a quarter of the old build’s', () => {
  const met = (base: number, head: number) =>
    rowsOf([...found('quick', 'base', base), ...found('quick', 'head', head)], ['quick'])[0]?.met;
  expect(met(12, 5)).toBe(true);
  expect(met(40, 10.4)).toBe(true);
  expect(met(40, 10.5)).toBe(false);
});

it('counts the runs with an interval that contains 1, and requires 36 of 40', () => {
  const runs = (holding: number) => [
    ...found('aa', 'head', ...Array.from({ length: 40 }, (_, i) => (i < holding ? 100 : 0))),
  ];
  expect(rowsOf(runs(36), ['aa'])[0]).toMatchObject({ head: { value: 90 }, met: true });
  expect(rowsOf(runs(35), ['aa'])[0]?.met).toBe(false);
});

it('counts a planted slowdown as found if the interval is above 0 and contains it', () => {
  const met = (low: number, high: number) =>
    rowsOf(
      [...found('planted-low', 'head', low), ...found('planted-high', 'head', high)],
      ['planted-low', 'planted-high'],
    ).map((row) => row.met);
  expect(met(1.2, 8.9)).toEqual([true, true]);
  expect(met(-0.4, 8.9)).toEqual([false, true]);
  expect(met(1.2, 4.1)).toEqual([true, false]);
});

it('shows both builds, the target, missed targets, and the machine', () => {
  const findings = [...found('share', 'base', 19.2), ...found('share', 'head', 47.6)];
  const text = precisionText({ at: '', base: 'old', head: 'new', rows: rowsOf(findings, ['share', 'forks']) });
  expect(text).toMatch(/^share +19 % +48 % +2\.48 +≥ 50 % +MISSED$/m);
  expect(text).toMatch(/^forks +– +– +– +≥ 5 +–$/m);
  expect(text).toMatch(/^share +load 0\.4 before, steal 0\.1 %, 2 stalls, at most 14 ms late$/m);
  expect(text).toMatch(/^forks +not measured$/m);
});

it('says where the load generator was the limit, and shows a row without a target', () => {
  const limited = found('wrk', 'head', 0.85, 0.86).map((each) => ({ ...each, limitedBy: 'the closed loop' }));
  const all = [...limited, ...found('wrk', 'base', 0.9), ...found('turns-one-length', 'head', 6.4)];
  const rows = rowsOf(all, ['wrk', 'turns-one-length']);
  const text = precisionText({ at: '', base: 'old', head: 'new', rows });
  expect(text).toMatch(/^wrk .*MISSED, limited by the closed loop$/m);
  expect(text).toMatch(/^turns-one-length +– +6\.4 % +– +– +–$/m);
  // One of three is not most of them.
  const once = rowsOf([...found('wrk', 'head', 0.97, 0.98), ...limited.slice(1)], ['wrk']);
  expect(once[0]?.head).not.toHaveProperty('limitedBy');
});
