import { expect, it } from 'vitest';
import { readJournal } from '../../core/results/journal.ts';
import type { Factors, JournalLine } from '../../core/results/schema.ts';
import { armSummary } from '../../core/results/testing/arm-summary.ts';
import { armInfo } from '../testing/arm-info.ts';
import { testHeader, testSlice } from '../testing/slices.ts';
import { promisesOf } from './promises.ts';
import { replay, withoutUnbounded } from './replay.ts';

const header = { ...testHeader, config: { ...testHeader.config, experiments: ['toll'] } };
const cpu = { replica_cpu_ns: 3e6 };
const slice = testSlice({ experiment: 'toll', arm: 'none', factors: { in_flight: 10 }, measures: cpu });
const journal = (...lines: JournalLine[]) => readJournal(lines.map((line) => JSON.stringify(line)).join('\n'));
const ended: JournalLine = {
  kind: 'experiment-ended',
  experiment: 'toll',
  stoppedBy: 'interval',
  error: null,
  seconds: 5,
};
const over: JournalLine = {
  kind: 'run-ended',
  at: '2026-01-01T00:01:00.000Z',
  interrupted: false,
  seconds: 60,
  peakRssBytes: 1,
};

it('gives the same run for the same journal', () => {
  const one = replay(journal(header, slice, ended, over));
  expect(one).toEqual(replay(journal(header, slice, ended, over)));
  expect(one.complete).toBe(true);
  expect(one.experiments).toMatchObject([{ name: 'toll', stoppedBy: 'interval', requests: 100, blocks: 1, forks: 1 }]);
});

it('counts wrong answers that no fault provoked', () => {
  const arms = [
    armSummary('none', { role: 'baseline' }),
    armSummary('own-memory', { declares: promisesOf(armInfo('any', { needsStickyRouting: true })) }),
    armSummary('shared', { declares: promisesOf(armInfo('any')) }),
  ];
  const config = { ...header.config, experiments: ['scale', 'capacity'] };
  const wrong = (experiment: string, arm: string, factors: Factors) =>
    testSlice({ experiment, arm, factors, mode: 'closed', unexpected: 3, failed: 1 });
  const unexpectedIn = (...slices: JournalLine[]) =>
    replay(journal({ ...header, arms, config }, ...slices, over)).experiments.map(({ unexpected }) => unexpected);
  const elsewhere = wrong('scale', 'own-memory', { replicas: 4 });
  expect(unexpectedIn(elsewhere, wrong('capacity', 'shared', { replicas: 1 }))).toEqual([0, 0]);
  const real = [
    wrong('scale', 'own-memory', { replicas: 1 }),
    wrong('scale', 'own-memory', { replicas: 4, spreading: 'sticky' }),
    wrong('scale', 'shared', { replicas: 4 }),
  ];
  expect(unexpectedIn(elsewhere, ...real)).toEqual([12, 0]);
});

it('calls an interrupted run neither complete nor ended', () => {
  expect(replay(journal(header, slice))).toMatchObject({ complete: false, interrupted: true, endedAt: null });
});

it('calls a run with a failed experiment incomplete and keeps what it measured', () => {
  const failed: JournalLine = {
    kind: 'experiment-ended',
    experiment: 'toll',
    stoppedBy: 'failed',
    error: 'a replica died',
    seconds: 5,
  };
  const run = replay(journal(header, slice, failed, over));
  expect(run.complete).toBe(false);
  expect(run.experiments[0]?.error).toBe('a replica died');
  expect(run.figures.length).toBeGreaterThan(0);
});

it('lists each flag of a figure once', () => {
  expect(replay(journal(header, slice, ended, over)).flags).toEqual(['one-fork']);
});

it('reports the result of the last calibration for every run', () => {
  const environment = {
    ...header.environment,
    calibration: { reason: 'it missed 2 of its targets', flag: 'calibration-failed' as const },
  };
  const run = replay(journal({ ...header, environment }, slice, ended, over));
  expect(run.flags).toContain('calibration-failed');
  expect(run.environment.calibration?.reason).toBe('it missed 2 of its targets');
});

it('flags every figure of an arm that failed the gate and was timed anyway, and no other', () => {
  const gate = {
    kind: 'gate',
    at: '2026-01-01T00:00:01.000Z',
    seconds: 5,
    failed: ['none'],
    timed: true,
  } satisfies JournalLine;
  const other = testSlice({ experiment: 'toll', arm: 'jwt-hs256', factors: { in_flight: 10 }, measures: cpu });
  const run = replay(journal(header, gate, slice, other, ended, over));
  const flagged = new Set(run.figures.filter(({ flags }) => flags.includes('gate-failed')).map(({ arm }) => arm));
  expect(run.figures.some(({ arm }) => arm === 'jwt-hs256')).toBe(true);
  expect([...flagged]).toEqual(['none']);
  expect(run.flags).toContain('gate-failed');
  expect(replay(journal(header, { ...gate, timed: false }, slice, ended, over)).flags).not.toContain('gate-failed');
});

it('adds extrapolations from all figures of an experiment, if it was requested', () => {
  const guarded = testSlice({ experiment: 'toll', arm: 'jwt-hs256', factors: { in_flight: 10 }, measures: cpu });
  const needs = (experiments: string[]) =>
    replay(
      journal({ ...header, config: { ...header.config, experiments } }, slice, guarded, ended, over),
    ).figures.filter(({ metric }) => metric === 'needed_replicas');
  expect(needs(['toll'])).toEqual([]);
  expect(new Set(needs(['toll', 'scale']).map(({ arm, source }) => `${arm} ${source}`))).toEqual(
    new Set(['none model', 'jwt-hs256 model']),
  );
});

it('leaves out an unbounded figure, by name, and keeps the others', () => {
  const { figures } = replay(journal(header, slice, ended, over));
  const [first] = figures;
  if (first === undefined) throw new Error('no figure');
  const unbounded = { ...first, high: Number.POSITIVE_INFINITY };
  const { whole, notes } = withoutUnbounded([unbounded, ...figures]);
  expect(whole).toEqual(figures);
  expect(notes).toEqual([`excluded, because they are not finite numbers: toll none ${first.metric}`]);
});

it('adds up the throttling of all parts of the run, and reports that memory was limited', () => {
  const environment = {
    ...header.environment,
    memoryBytes: 2 ** 34,
    memoryLimitBytes: 2 ** 29,
    cpu: {
      usable: 0.5,
      quota: 0.5,
      kinds: [{ name: '', cores: '0-1' }],
      siblings: [],
      accounts: 'threads',
      irqTimeAccounting: null,
      flags: [],
    },
  };
  const part = (periods: number, throttledPeriods: number, seconds: number): JournalLine => ({
    ...over,
    throttled: { periods, throttledPeriods, seconds },
  });
  const run = replay(journal({ ...header, environment }, slice, part(100, 90, 4), ended, part(20, 10, 0.5)));
  expect(run.environment.cpu?.throttled).toEqual({ periods: 120, throttledPeriods: 100, seconds: 4.5 });
  expect(run.flags).toEqual(expect.arrayContaining(['cpu-throttled', 'memory-limit']));
  const calm = replay(
    journal({ ...header, environment: { ...environment, memoryLimitBytes: null } }, slice, ended, over),
  );
  expect(calm.environment.cpu).not.toHaveProperty('throttled');
  expect(calm.flags).not.toContain('cpu-throttled');
  expect(calm.flags).not.toContain('memory-limit');
});
