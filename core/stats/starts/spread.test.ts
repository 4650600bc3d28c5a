import { describe, expect, it } from 'vitest';
import { studentQuantile } from '../distributions.ts';
import { createRandom } from '../random.ts';
import { halfWidthsOfMeans } from './spread.ts';

const cellOf = (...values: readonly number[]) => new Map(values.map((value, start) => [start, value]));

describe('the interval of a mean over starts', () => {
  it('is Student’s with one cell', () => {
    const [two] = halfWidthsOfMeans([cellOf(1, 1.2)]);
    expect((two ?? 0) / (studentQuantile(0.975, 1) * 0.1)).toBeCloseTo(1, 1);
    const [three] = halfWidthsOfMeans([cellOf(1, 1.1, 1.2)]);
    expect((three ?? 0) / ((studentQuantile(0.975, 2) * 0.1) / Math.sqrt(3))).toBeCloseTo(1, 1);
  });

  it('is unknown if no cell has two starts, and known for a cell with one if another has more', () => {
    expect(halfWidthsOfMeans([cellOf(1), cellOf(2)])).toEqual([null, null]);
    expect(halfWidthsOfMeans([])).toEqual([]);
    expect(halfWidthsOfMeans([cellOf(1), cellOf(2, 2.1, 2.2)])[0]).toBeGreaterThan(0.1);
  });

  it('is far narrower if several cells show how much starts differ', () => {
    const alone = halfWidthsOfMeans([cellOf(0, 0.05)])[0] ?? 0;
    const among = halfWidthsOfMeans([cellOf(0, 0.05), cellOf(0, -0.05), cellOf(0.04, 0), cellOf(0.06, 0)])[0] ?? 0;
    expect(among).toBeLessThan(0.4 * alone);
  });

  it('has hardly any width if starts agree exactly', () => {
    expect(halfWidthsOfMeans([cellOf(3, 3, 3), cellOf(2, 2, 2)])[0]).toBeLessThan(1e-6);
  });
});

describe('coverage', () => {
  interface Truth {
    readonly name: string;
    readonly cells: number;
    readonly starts: number;
    readonly spreadOf: (cell: number) => number;
    /** The part of the variance that all cells of a start share. */
    readonly shared: number;
    /** Of the cells' intervals; default 0.93. */
    readonly least?: number;
  }
  const SIMULATIONS = 200;

  it.each<Truth>([
    { name: 'one cell, three starts', cells: 1, starts: 3, spreadOf: () => 0.03, shared: 0 },
    { name: 'four cells, two starts', cells: 4, starts: 2, spreadOf: () => 0.03, shared: 0 },
    { name: 'four cells, three starts', cells: 4, starts: 3, spreadOf: () => 0.03, shared: 0 },
    { name: 'a shared speed', cells: 4, starts: 3, spreadOf: () => 0.03, shared: 1 },
    { name: 'a half-shared speed, two starts', cells: 4, starts: 2, spreadOf: () => 0.03, shared: 0.5 },
    {
      name: 'one cell five times as noisy',
      cells: 4,
      starts: 3,
      spreadOf: (cell) => (cell === 0 ? 0.15 : 0.03),
      shared: 0,
    },
    { name: 'unlike cells', cells: 4, starts: 3, spreadOf: (cell) => 0.01 * 2 ** cell, shared: 0.3, least: 0.9 },
  ])('is as high as it says on average over cells, and nearly if they differ: $name', (truth) => {
    const { cells, starts, spreadOf, shared, least = 0.93 } = truth;
    const random = createRandom(7);
    let covered = 0;
    for (let n = 0; n < SIMULATIONS; n++) {
      const common = Array.from({ length: starts }, () => random.normal());
      const values = Array.from({ length: cells }, (_, cell) =>
        common.map((own) => spreadOf(cell) * (Math.sqrt(shared) * own + Math.sqrt(1 - shared) * random.normal())),
      );
      const halves = halfWidthsOfMeans(values.map((own) => cellOf(...own)));
      for (const [cell, own] of values.entries()) {
        const error = Math.abs(own.reduce((sum, value) => sum + value, 0) / starts);
        if (error <= (halves[cell] ?? 0)) covered++;
      }
    }
    const share = covered / (SIMULATIONS * cells);
    expect(share).toBeGreaterThanOrEqual(least);
  });
});
