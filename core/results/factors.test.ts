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

it('names the factors of every figure that runs of every experiment have', () => {
  const runs = ['quick', 'every', 'full', 'broken'].map((name) =>
    gunzipSync(read(`${name}.figures.csv.gz`)).toString(),
  );
  const found = new Set(runs.flatMap(factorsOf));
  expect(found.size).toBeGreaterThan(30);
  expect([...found].filter((name) => !FACTOR_NAMES.includes(name))).toEqual([]);
  // Full runs alone have these two: a cluster takes three nodes, and the other one more series.
  const rare = ['autopipelining', 'redis'];
  // These runs are older than `capacity`, and of our own arms: only a service has replicas and users that are told apart.
  rare.push('broke', 'replica', 'user');
  // They are older than `chain`, too, and than what `store` does with sessions that have ended.
  rare.push('checks', 'hops', 'eviction_samples', 'expire_effort', 'live_per_ended');
  // None of them profiled an arm with an edge.
  rare.push('process');
  // A factor of a second opinion, which none of them asked for.
  rare.push('engine');
  expect(FACTOR_NAMES.filter((name) => !found.has(name) && !rare.includes(name))).toEqual([]);
});
