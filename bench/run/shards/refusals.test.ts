import { describe, expect, it } from 'vitest';
import { surveyed, type TestShard } from '../../testing/shards.ts';
import { judgeShards, type NamedRun } from './refusals.ts';

const judge = (...tests: readonly (TestShard | NamedRun)[]) =>
  judgeShards(tests.map((test) => ('folder' in test ? test : surveyed(test))));
const of = (index: number, more: Partial<TestShard> = {}): TestShard => ({ index, count: 3, ...more });

it('takes all shards of a plan, in any order', () => {
  const { faults, gaps, kept, absent } = judge(of(3), of(1), of(2));
  expect([faults, gaps, absent]).toEqual([[], [], []]);
  expect(kept.map(({ shard }) => shard.index)).toEqual([1, 2, 3]);
});

it('accepts machines that differ: the machine is a factor, not a fault', () => {
  const other = { cpuModel: 'another', cores: 8, kernel: '5', platform: 'Linux arm64' };
  expect(judge(of(1), of(2, { environment: other }), of(3))).toMatchObject({ faults: [], gaps: [] });
});

describe('names a shard of another run', () => {
  const packages = { fastify: '5.0.0' };
  it.each<[string, Partial<TestShard>, string]>([
    ['seed', { config: { seed: 9 } }, 'its seed is 9, that of the others 1'],
    ['profile', { config: { profile: 'full' } }, 'its profile is full, that of the others quick'],
    ['budget', { config: { budgetSeconds: 30 } }, 'its budget is 30, that of the others none'],
    [
      'experiments',
      { config: { experiments: ['toll', 'scale'] } },
      'its experiments are toll,scale, those of the others toll',
    ],
    ['other settings', { config: { storeSizes: [10] } }, 'its plan is not that of the others'],
    ['arms', { header: { arms: [] } }, 'its arms are none, those of the others none,jwt-hs256'],
    ['version', { shard: { version: '2.0.0' } }, 'its version of Tollgate is 2.0.0, that of the others 1.0.0'],
    [
      'start',
      { shard: { startAt: '2026-01-01T00:00:00.000Z' } },
      'its --start-at is 2026-01-01T00:00:00.000Z, that of the others none',
    ],
    ['commit', { environment: { gitCommit: 'abc' } }, 'its commit is abc, that of the others none'],
    ['Node.js', { environment: { node: 'v24.0.0' } }, 'its Node.js is v24.0.0, that of the others v26.0.0'],
    ['Redis', { environment: { redis: 'Redis 8' } }, 'its Redis is Redis 8, that of the others Redis 7.0.0'],
    ['packages', { environment: { packages } }, 'its versions of packages are not those of the others'],
    ['number', { count: 4 }, 'its number of shards is 4, that of the others 3'],
  ])('%s', (_what, more, fault) => {
    const { faults } = judge(of(1), of(2), of(3, more));
    expect(faults).toEqual([expect.stringContaining(`s3 (shard 3/${more.count ?? 3}) is of another run: ${fault}`)]);
  });

  it('names all shards that deviate from the majority, whichever comes first', () => {
    const odd = { config: { seed: 9 } };
    expect(judge(of(1, odd), of(2), of(3)).faults).toEqual([expect.stringMatching(/^s1 \(shard 1\/3\)/)]);
    const { faults } = judge(of(1), of(2), of(3), { ...of(4, odd), count: 5 }, { ...of(5), count: 5 });
    expect(faults).toHaveLength(2);
  });

  it('ignores such a shard otherwise: its place is missing, and it duplicates no other', () => {
    const odd = { ...surveyed(of(1, { config: { seed: 9 } })), folder: 'odd' };
    const { faults, absent, kept } = judge(odd, of(1), of(3));
    expect(faults).toEqual([expect.stringMatching(/^odd \(shard 1\/3\) is of another run/)]);
    expect(absent).toEqual([2]);
    expect(kept.map(({ folder }) => folder)).toEqual(['s1', 's3']);
  });

  it('ignores the order of packages and of settings', () => {
    const one = { environment: { packages: { a: '1', b: '2' } } };
    const other = { environment: { packages: { b: '2', a: '1' } } };
    expect(judge(of(1, one), of(2, other), of(3, one)).faults).toEqual([]);
  });
});

it('refuses whole runs and merged ones', () => {
  const { faults } = judge(
    of(1),
    of(2),
    of(3),
    { ...surveyed(of(1)), folder: 'whole', shard: null },
    {
      ...surveyed(of(1)),
      folder: 'both',
      isMerged: true,
    },
  );
  expect(faults).toEqual([
    expect.stringContaining('whole is a whole run'),
    expect.stringContaining('both is already merged'),
  ]);
});

it('refuses a shard that is given twice, with both names', () => {
  const again = { ...surveyed(of(2)), folder: 'again' };
  expect(judge(of(1), of(2), again, of(3)).faults).toEqual(['shard 2/3 was given 2 times: keep only one of s2, again']);
});

it('names what is missing, and how to measure it', () => {
  const { faults, gaps, absent } = judge(of(2));
  expect([faults, absent]).toEqual([[], [1, 3]]);
  expect(gaps).toEqual([expect.stringMatching(/^shards 1, 3 of 3 are missing: .*--shard 1\/3 --seed 1\b/)]);
  expect(judge(of(1), of(3)).gaps[0]).toMatch(/^shard 2 of 3 is missing/);
});

it('names many missing shards by the first of them', () => {
  expect(judge({ index: 1, count: 100 }).gaps[0]).toMatch(/^shards 2, 3, .*13 and 87 more of 100 are missing/);
});

it('names a shard that was interrupted, and one that failed, but keeps their results', () => {
  const { gaps, kept } = judge(
    of(1, { interrupted: true, stoppedBy: 'interrupted' }),
    of(2, { stoppedBy: 'failed' }),
    of(3),
  );
  expect(gaps).toEqual([
    expect.stringMatching(/^s1 \(shard 1\/3\) was interrupted in toll: .*--resume/),
    expect.stringMatching(/^s2 \(shard 2\/3\) failed in toll: .*--resume/),
  ]);
  expect(kept).toHaveLength(3);
});

it('names a shard whose journal ends without a record of its end', () => {
  const silent = { ...surveyed(of(2)), stopped: new Map(), ends: [] };
  expect(judge(of(1), silent, of(3)).gaps).toEqual([expect.stringContaining('s2 (shard 2/3) was interrupted')]);
});

it('leaves out a shard that began late', () => {
  const { gaps, kept, late, absent } = judge(of(1), of(2, { lateMs: 10_001 }), of(3, { lateMs: 9_999 }));
  expect(gaps).toEqual([expect.stringMatching(/^s2 \(shard 2\/3\) began its load 10 s after --start-at/)]);
  expect(kept.map(({ shard }) => shard.index)).toEqual([1, 3]);
  expect(late.map(({ shard }) => shard.index)).toEqual([2]);
  expect(absent).toEqual([]);
});

it('determines lateness by the common clock, if all shards asked it', () => {
  const clock = (offsetMs: number) => ({ offsetMs, uncertaintyMs: 1, roundTrips: 20 });
  const behind = of(2, { lateMs: 5, clock: clock(-60_000) });
  const ahead = of(3, { lateMs: 12_000, clock: clock(9_000) });
  const { gaps, late } = judge(of(1), behind, ahead);
  expect(late.map(({ shard }) => shard.index)).toEqual([2]);
  expect(gaps).toEqual([expect.stringContaining('began its load 60 s after --start-at')]);
});
