import { expect, it } from 'vitest';
import type { HistoryEntry, HistoryOrigin } from './entry.ts';
import { suspectsOf, tellApart } from './suspects.ts';

const ORIGIN: HistoryOrigin = {
  cpuModel: 'A processor',
  kernel: '6.1.0',
  node: 'v26.9.0',
  v8: '14.6',
  redis: '7.0.15',
  packages: { fastify: '5.12.8', ioredis: '5.9.0', gone: '1.0.0' },
};
const entry = (origin?: HistoryOrigin): HistoryEntry => ({
  version: 1,
  runId: 'r',
  at: '2026-01-01T00:00:00.000Z',
  commit: null,
  dirty: false,
  machineClass: 'm',
  figures: [],
  ...(origin === undefined ? {} : { origin }),
});

it('names the differences, the machine before the packages', () => {
  const after = { ...ORIGIN, node: 'v26.10.0', packages: { fastify: '5.12.8', ioredis: '6.0.0', added: '2.0.0' } };
  expect(suspectsOf(entry(ORIGIN), entry(after))).toEqual([
    { name: 'Node', before: 'v26.9.0', after: 'v26.10.0' },
    { name: 'ioredis', before: '5.9.0', after: '6.0.0' },
    { name: 'gone', before: '1.0.0', after: null },
    { name: 'added', before: null, after: '2.0.0' },
  ]);
  expect(suspectsOf(entry(ORIGIN), entry(ORIGIN))).toEqual([]);
});

it('does not know the origin of runs of older versions', () => {
  expect(suspectsOf(entry(), entry(ORIGIN))).toBeNull();
  expect(suspectsOf(undefined, entry(ORIGIN))).toBeNull();
});

it('names what distinguishes two kinds of runs, although a few were misclassified, and nothing that both have', () => {
  const other = { ...ORIGIN, cpuModel: 'Another', packages: { ...ORIGIN.packages, extra: '1.0.0' } };
  const many = (origin: HistoryOrigin, count: number) => Array.from({ length: count }, () => entry(origin));
  const newer = { ...ORIGIN, node: 'v26.10.0' };
  const lower = [...many(ORIGIN, 20), ...many(newer, 20), entry(other), entry()];
  const upper = [...many(other, 20), ...many({ ...other, node: 'v26.10.0' }, 20)];
  expect(tellApart(lower, upper)).toEqual([
    { name: 'processor', before: 'A processor', after: 'Another' },
    { name: 'extra', before: null, after: '1.0.0' },
  ]);
  expect(tellApart(many(ORIGIN, 20), [...many(ORIGIN, 10), ...many(other, 10)])).toEqual([]);
  expect(tellApart([entry()], [entry(other)])).toEqual([]);
});
