import { expect, it } from 'vitest';
import { SIMULATED } from '../../core/levels/simulated.ts';
import { calibrateDetection, METHODS } from './calibrate.ts';
import { detectionText } from './calibration-table.ts';

it('finds changes better than a textbook method and than reporting none, by F1 and cover', {
  timeout: 60_000,
}, async () => {
  const kinds: string[] = [];
  const table = await calibrateDetection(1, 2, async (kind) => void kinds.push(kind));
  expect(kinds).toEqual(SIMULATED.map(({ name }) => name));
  const mean = (method: string, key: 'f1' | 'cover' | 'falsePer100') => {
    const own = table.rows.filter((row) => row.method === method);
    return own.reduce((sum, row) => sum + row[key], 0) / own.length;
  };
  for (const other of ['pelt', 'none']) {
    expect(mean('tollgate', 'f1')).toBeGreaterThan(mean(other, 'f1'));
    expect(mean('tollgate', 'cover')).toBeGreaterThan(mean(other, 'cover'));
  }
  expect(mean('tollgate', 'falsePer100')).toBeLessThan(0.2);
  const lines = detectionText(table).split('\n');
  expect(lines.filter((line) => line.includes('PELT'))).toHaveLength(SIMULATED.length + 1);
  expect(table.rows).toHaveLength(SIMULATED.length * METHODS.length);
});
