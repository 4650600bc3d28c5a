/** Short calibrations for tests. */
import { calibrate } from '../../bench/calibrate/calibrate.ts';
import type { Row } from '../../bench/calibrate/compare.ts';
import type { CalibrationDriver } from '../../bench/calibrate/driver.ts';
import type { Kind } from '../../bench/calibrate/kinds/kind.ts';
import { kindNamed } from '../../bench/calibrate/kinds/registry.ts';

/** The same server under a load that is short enough for a test. */
export function brief(name: string, changes: Partial<Kind['load']> = {}): Kind {
  const kind = kindNamed(name);
  return { ...kind, load: { ...kind.load, ratePerSecond: 200, durationMs: 1000, ...changes } };
}

export async function rowsOf(kind: Kind, driver: CalibrationDriver): Promise<Row[]> {
  const options = {
    kinds: [kind],
    drivers: [driver],
    rounds: 1,
    warmsUp: false,
    repeats: 0,
    budgetSeconds: 0,
    onProgress: () => {},
  };
  return (await calibrate({ ...options, signal: new AbortController().signal })).rows;
}

export function quantity(rows: readonly Row[], name: string): Row {
  const row = rows.find((each) => each.quantity === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
}
