import { expect, it } from 'vitest';
import { Observations, type Seen } from './observations.ts';

const seen = (path: string): Seen => ({
  ...{ method: 'GET', path, origin: null, preflight: false, cookie: false, authorization: false },
  ...{ status: 200, transferred: null, detail: '', isOf: () => false },
});
const isOf = (path: string) => (one: Seen) => one.path === path;

it('gives the first request of a kind, whether it came before or comes later', async () => {
  const observed = new Observations();
  observed.see(seen('/a'));
  const later = observed.first(isOf('/b'));
  observed.see(seen('/c'));
  observed.see(seen('/b'));
  expect((await observed.first(isOf('/a')))?.path).toBe('/a');
  expect((await later)?.path).toBe('/b');
  expect(observed.seen.map(({ path }) => path)).toEqual(['/a', '/c', '/b']);
});

it('gives what a script sent under its own marker, and null if nothing comes in time', async () => {
  const observed = new Observations(1);
  observed.collect('x', ['cookie']);
  expect(await observed.collected('x')).toEqual(['cookie']);
  expect(await observed.collected('y')).toBeNull();
  expect(await observed.first(isOf('/a'))).toBeNull();
});
