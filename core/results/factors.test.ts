import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { FACTOR_NAMES } from './factors.ts';

const read = (path: string) => readFileSync(new URL(`../../reports/testing/recorded/${path}`, import.meta.url));

/** The third column of figures.csv: `name=value;name=value`. */
function factorsOf(csv: string): string[] {
  const rows = csv.split('\n').slice(1);
  const cells = rows.map((row) => row.split(',')[2] ?? '');
  return cells.flatMap((cell) => cell.split(';').flatMap((pair) => pair.split('=')[0] || []));
}

it('lists the factors of every figure in runs of every experiment', () => {
  const runs = ['quick', 'every', 'full', 'broken'].map((name) =>
    gunzipSync(read(`${name}.figures.csv.gz`)).toString(),
  );
  const found = new Set(runs.flatMap(factorsOf));
  expect(found.size).toBeGreaterThan(30);
  expect([...found].filter((name) => !FACTOR_NAMES.includes(name))).toEqual([]);
  // Only full runs have these two: a cluster needs three nodes, and autopipelining one more series.
  const rare = ['autopipelining', 'redis'];
  // These runs are older than `capacity`, and of our own arms: only a service has separate replicas and users.
  rare.push('broke', 'replica', 'user');
  // They are also older than `chain`, and than the handling of expired sessions in `store`.
  rare.push('checks', 'hops', 'eviction_samples', 'expire_effort', 'live_per_ended');
  // None of them profiled an arm with an edge.
  rare.push('process');
  // A factor of `--engine`, which none of them used.
  rare.push('engine');
  expect(FACTOR_NAMES.filter((name) => !found.has(name) && !rare.includes(name))).toEqual([]);
});
