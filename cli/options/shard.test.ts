import { expect, it } from 'vitest';
import { readShard } from './shard.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
function read(values: Record<string, string>) {
  const faults: string[] = [];
  return { faults, ...readShard({ seed: '7', ...values }, faults, NOW) };
}

it('reads a shard, with the common start time', () => {
  expect(read({})).toEqual({ faults: [] });
  expect(read({ shard: '2/3' })).toMatchObject({ faults: [], shard: { index: 2, count: 3, startAt: null } });
  expect(read({ shard: '2/3' }).shard?.version).toMatch(/^\d+\.\d+\.\d+/);
  const { faults, shard } = read({ shard: '1/1000', 'start-at': '2026-01-01T01:30+01:00' });
  expect([faults, shard?.startAt]).toEqual([[], '2026-01-01T00:30:00.000Z']);
});

it.each([['0/3'], ['4/3'], ['1/1001'], ['1'], ['1/'], ['-1/3'], ['1.5/3'], ['a/b'], ['']])(
  'refuses --shard %j',
  (shard) => {
    expect(read({ shard }).faults).toEqual([expect.stringMatching(/^--shard: .* must be I\/N, such as 2\/3/)]);
  },
);

it('needs a seed, which all shards share', () => {
  const faults: string[] = [];
  readShard({ shard: '1/2' }, faults, NOW);
  expect(faults).toEqual([expect.stringMatching(/^--shard: .*add the same --seed N/)]);
});

it.each([
  ['12:00', 'must be a time with a time zone'],
  ['2026-01-01T12:00:00', 'must be a time with a time zone'],
  ['2026-13-01T12:00:00Z', 'must be a time with a time zone'],
  ['2025-12-31T23:59:59Z', 'is in the past'],
  ['2026-01-02T00:00:01Z', 'is more than a day from now'],
])('refuses --start-at %s', (time, fault) => {
  expect(read({ shard: '1/2', 'start-at': time }).faults).toEqual([expect.stringContaining(fault)]);
});

it('reports every fault, and a start time without a shard', () => {
  expect(read({ 'start-at': '2026-01-01T12:00:00Z' }).faults).toEqual([
    expect.stringContaining('--start-at needs --shard'),
  ]);
  expect(read({ shard: '9/3', 'start-at': 'soon' }).faults).toHaveLength(2);
});
