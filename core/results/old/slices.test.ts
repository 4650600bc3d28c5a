import { expect, it } from 'vitest';
import { testSlice } from '../../../bench/testing/slices.ts';
import { readSlice } from './slices.ts';

const old = (experiment: string, mode: string, measures: Readonly<Record<string, number>>) => ({
  ...testSlice({ experiment, arm: 'none' }),
  mode,
  measures,
});

it('collects per-replica names into lists, with null for replicas without a value', () => {
  const slice = old('revocation', 'count', {
    bound_ms: 0,
    replicas: 3,
    last_accepted_ms_0: 4.5,
    first_refused_ms_0: 7,
    first_refused_ms_2: 9,
  });
  const { line, unknown } = readSlice(slice);
  expect(unknown).toEqual([]);
  expect(line).toEqual({
    ...slice,
    mode: 'watch',
    measures: { bound_ms: 0, last_accepted_ms: [4.5, null, null], first_refused_ms: [7, null, 9] },
  });
});

it('collects per-package names into one record, in order', () => {
  const measures = { replica_cpu_ns: 5, 'sampled_us:node:net': 2, 'sampled_us:fastify': 3, samples: 9 };
  const { line } = readSlice(old('hot-path', 'profile', measures));
  expect(line).toMatchObject({
    mode: 'profile',
    measures: { replica_cpu_ns: 5, samples: 9, sampled_us: { 'node:net': 2, fastify: 3 } },
  });
});

it.each([
  ['layers', 'count', 'connect'],
  ['store', 'count', 'fill'],
  ['store', 'micro', 'lookup'],
  ['revocation', 'count', 'watch'],
  ['browser', 'count', 'trial'],
  ['toll', 'count', 'count'],
  ['payload', 'count', 'count'],
  ['hot-path', 'micro', 'micro'],
  ['lifecycle', 'micro', 'micro'],
])('knows what %s did where its mode was %s', (experiment, mode, today) => {
  expect(readSlice(old(experiment, mode, {})).line).toMatchObject({ mode: today });
});

it('leaves a slice of the current form unchanged, and every other line', () => {
  const measures = { last_accepted_ms: [1, null], sampled_us: { fastify: 2 } };
  const slice = testSlice({ experiment: 'revocation', arm: 'none', mode: 'watch', measures });
  expect(readSlice(slice)).toEqual({ line: slice, unknown: [] });
  for (const line of [null, 7, { kind: 'note', text: 'x' }, { kind: 'slice', measures: null }]) {
    expect(readSlice(line)).toEqual({ line, unknown: [] });
  }
});
