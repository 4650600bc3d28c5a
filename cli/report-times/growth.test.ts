import { expect, it } from 'vitest';
import { againstBase, excesses, growthOf, growthText, type Measured, peakOf, SIZES, turnsOf } from './growth.ts';
import type { Side } from './turns.ts';

const MB = 1e6;
/** CPU seconds of half and whole, by turn. */
function reports(side: Side, turns: readonly (readonly [number, number])[]): Measured[] {
  return turns.flatMap((cpu, turn) =>
    SIZES.map((size, i) => ({ side, size, turn, cpuSeconds: cpu[i] ?? 0, peakRssBytes: (100 + 20 * i + turn) * MB })),
  );
}
/** Twice the time, but the last whole was disturbed. */
const head = reports('head', [
  [1.1, 2.2],
  [1, 2],
  [1, 2.6],
]);
const base = reports('base', [
  [2.2, 4.4],
  [2, 4],
  [2, 5.2],
]);

it('makes every report once in each turn, in an order by chance that the seed repeats', () => {
  const made = turnsOf(40, ['head', 'base'], 7);
  const key = ({ side, size }: { side: string; size: string }) => `${side} ${size}`;
  for (const turn of made) expect(turn.map(key).sort()).toEqual(['base half', 'base whole', 'head half', 'head whole']);
  expect(new Set(made.map((turn) => turn.map(key).join())).size).toBeGreaterThan(10);
  expect(turnsOf(40, ['head', 'base'], 7)).toEqual(made);
  expect(turnsOf(1, ['head'], 1).flat()).toHaveLength(2);
});

it('takes the growth from the least times, which one disturbed report does not change', () => {
  const { least, paired, memory } = growthOf(head, 'head');
  expect(least).toBe(2);
  expect(paired.value).toBeCloseTo(Math.cbrt(2 * 2 * 2.6));
  expect(paired.low).toBeLessThan(2);
  expect(paired.high).toBeGreaterThan(2.6);
  expect(memory).toBeCloseTo(121 / 101);
  expect(peakOf(head, 'head', 'whole')).toBe(121 * MB);
});

it('compares the builds within each turn, in whatever order they were measured', () => {
  const { value, low, high, forks } = againstBase([...head, ...base].reverse(), 'whole');
  expect([value, low, high]).toEqual([0.5, 0.5, 0.5].map((each) => expect.closeTo(each)));
  expect(forks).toBe(3);
});

it('fails on growth and memory just above the limits, not at them, and judges this build alone', () => {
  expect(excesses(head, { growth: 2, bytes: 121 * MB })).toEqual([]);
  expect(excesses(head, { growth: 1.99, bytes: 121 * MB - 1 })).toEqual([
    'CPU time grows faster than the journal: more than 1.99× for twice the slices',
    'the report takes more than 121\u202fMB',
  ]);
  expect(excesses([...reports('base', [[1, 9]]), ...head], { growth: 2, bytes: null })).toEqual([]);
});

it('shows the figures of one build, and the ratio with an interval for two', () => {
  const journals = { half: { slices: 1000, bytes: 3 * MB }, whole: { slices: 2000, bytes: 6 * MB } };
  const one = growthText(head, journals, { head: 'head (today)' });
  expect(one).toMatch(
    /Twice the slices take 2\.00× the CPU time \(in the same turn 2\.18× \[\d\.\d\d–\d\.\d\d\]\), 1\.20× the memory\./,
  );
  expect(one).not.toContain('base');
  const two = growthText([...head, ...base], journals, { head: 'head (today)', base: 'base (old)' });
  expect(two).toMatch(/over that of base: 1.?000 slices 0\.50× \[0\.50–0\.50\], 2.?000 slices 0\.50× \[0\.50–0\.50\]/);
  expect(two).toContain('base (old)');
  expect(two).toContain('3 turns; 95 % intervals');
});
