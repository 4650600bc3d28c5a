import { expect, it } from 'vitest';
import { surveyed, type TestShard } from '../../testing/shards.ts';
import { agreementNotes, gapNotes } from './notes.ts';
import { judgeShards } from './refusals.ts';

const of = (index: number, more: Partial<TestShard> = {}) => surveyed({ index, count: 3, ...more });
const said = (...shards: ReturnType<typeof of>[]) => agreementNotes(shards, 100, 2).join('\n');

it('names the class of machines, or each class with its shards', () => {
  expect(said(of(1), of(2))).toMatch(/^Merged of 2 shards, on machines of one class: test, 2 cores/);
  const unlike = said(of(1), of(2, { environment: { cores: 8 } }), of(3));
  expect(unlike).toMatch(
    /on machines of 2 classes \(1, 3: test, 2 cores.*; 2: test, 8 cores.*times and rates are means/,
  );
  expect(unlike).toMatch(/Of 100 figures in several shards, 2 differ/);
});

it('gives the spread of starts and clocks, or says that it is unknown', () => {
  expect(said(of(1), of(2))).toMatch(/started independently; the offsets of their clocks were not measured/);
  const clock = (offsetMs: number) => ({ offsetMs, uncertaintyMs: 2, roundTrips: 20 });
  expect(said(of(1, { lateMs: 1 }), of(2, { lateMs: 25 }))).toMatch(
    /began 1\.0 to 25 ms after --start-at, by their own/,
  );
  // By the common clock the second began 50 ms before the first; by its own clock alone, 100 ms after.
  expect(said(of(1, { lateMs: 101, clock: clock(0) }), of(2, { lateMs: 1, clock: clock(-50) }))).toMatch(
    /began 51 to 101 ms after --start-at, by a common clock; their clocks were up to 50 ms apart, each known to ± 2\.0 ms/,
  );
  expect(said(of(1, { lateMs: 1, clock: clock(5) }), of(2, { lateMs: 1 }))).toMatch(/the clocks of 1 of them were/);
});

it('lists the shards that were resumed, and those that ran unidentified code', () => {
  expect(said(of(1), { ...of(2), isResumed: true })).toMatch(/Resumed after an interruption.*: 2\./);
  expect(said(of(1), of(2))).not.toMatch(/Resumed|uncommitted/);
  expect(said(of(1), of(3, { environment: { gitDirty: true } }))).toMatch(
    /^Measured with uncommitted changes.*: 3\.$/m,
  );
});

it('lists what is missing, late or unfinished, and the effect on figures', () => {
  expect(gapNotes(judgeShards([of(1), of(2), of(3)]))).toEqual([]);
  const late = of(1, { lateMs: 60_000 });
  const notes = gapNotes(judgeShards([late, of(2, { stoppedBy: 'interrupted', interrupted: true })])).join('\n');
  expect(notes).toMatch(/1 of 3 shards are merged/);
  expect(notes).toMatch(/Missing: 3\./);
  expect(notes).toMatch(/Excluded, because it started late: shard 1\/3/);
  expect(notes).toMatch(/Not finished: 2\./);
  expect(notes).toMatch(/intervals are wider/);
});
