import { expect, it } from 'vitest';
import { type Acceptance, acceptanceLine } from './acceptance.ts';
import { acceptedBy } from './accepted-by.ts';
import { type HistoryEntry, historyLine } from './entry.ts';
import { readHistory } from './history.ts';
import { changesOf } from './trend.ts';

const at = (i: number) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const entry = (i: number, value: number): HistoryEntry => ({
  version: 1,
  runId: `run-${i}`,
  at: at(i),
  commit: null,
  dirty: false,
  machineClass: 'small',
  figures: ['jwt-hs256', 'none'].map((arm) => ({
    ...{ experiment: 'toll', arm, factors: {}, metric: 'cpu_toll_us' as const },
    ...{ value, low: value, high: value, flags: [] },
  })),
});
const ACCEPTED: Acceptance = {
  at: at(20),
  runId: 'run-5',
  runAt: at(5),
  reason: 'keys are checked twice now',
  owner: 'ada',
  arm: 'jwt-hs256',
  metric: null,
};
const values = [4, 4.01, 4, 3.99, 4, 5, 5.01, 5, 4.99, 5];
const lines = [...values.map((value, i) => historyLine(entry(i, value))), acceptanceLine(ACCEPTED)].join('');
const read = (text: string) =>
  readHistory(
    (from) =>
      text
        .slice(from)
        .split('\n')
        .map((line) => Buffer.from(line)),
    100,
  );

it('is a line of the history that is neither a run nor damaged', async () => {
  const history = await read(lines);
  expect(history).toMatchObject({ runs: 10, damaged: [], acceptances: [ACCEPTED] });
  const cut = await read(lines.slice(0, -20));
  expect(cut).toMatchObject({ runs: 10, acceptances: [], damaged: [{ line: 11 }] });
});

it('covers the change that begins within three runs of it, for its arm alone', async () => {
  const { series, acceptances } = await read(lines);
  const [jwt, none] = series;
  if (jwt === undefined || none === undefined) throw new Error('there are two series');
  const [change] = changesOf(jwt);
  if (change === undefined) throw new Error('there is a change');
  expect(change.index).toBe(5);
  expect(acceptedBy(jwt, change, acceptances)?.owner).toBe('ada');
  expect(acceptedBy(none, change, acceptances)).toBeNull();
  expect(acceptedBy(jwt, { ...change, index: 9 }, acceptances)).toBeNull();
  expect(acceptedBy(jwt, change, [{ ...ACCEPTED, metric: 'request_bytes' }])).toBeNull();
  const later = { ...ACCEPTED, owner: 'grace', arm: null };
  expect(acceptedBy(none, change, [ACCEPTED, later])?.owner).toBe('grace');
});

it('is refused without a reason or an owner', () => {
  expect(() => acceptanceLine({ ...ACCEPTED, reason: '' })).toThrow(/schema/);
});
