import { expect, test } from 'vitest';
import { testHeader, testSlice } from '../../../bench/testing/slices.ts';
import type { JournalLine } from '../schema.ts';
import { progressOf } from './progress.ts';
import { RunTally } from './tally.ts';

const AT = Date.parse(testHeader.startedAt);
const at = (seconds: number) => new Date(AT + 1000 * seconds).toISOString();
const EXPECTED = [
  { name: 'toll', seconds: 60 },
  { name: 'scale', seconds: 20 },
  { name: 'latency', seconds: 30 },
];

const GATE: JournalLine = { kind: 'gate', at: at(10), seconds: 8, failed: [], timed: false };
const fork = (experiment: string, seconds: number): JournalLine => ({
  kind: 'fork',
  experiment,
  fork: 0,
  at: at(seconds),
  startupMs: 1,
  processes: 3,
});
const ended = (experiment: string, seconds: number, stoppedBy: 'plan' | 'failed' | 'interrupted'): JournalLine => ({
  kind: 'experiment-ended',
  experiment,
  stoppedBy,
  error: stoppedBy === 'failed' ? 'it broke' : null,
  seconds,
});
const runEnded = (seconds: number, interrupted: boolean): JournalLine => ({
  kind: 'run-ended',
  at: at(seconds),
  interrupted,
  seconds,
  peakRssBytes: 1,
});

function progressAfter(lines: readonly JournalLine[], nowSeconds: number) {
  const tally = new RunTally();
  for (const line of lines) tally.add(line);
  return progressOf(tally, EXPECTED, AT + 1000 * nowSeconds);
}

const states = (progress: ReturnType<typeof progressAfter>) => progress.experiments.map(({ state }) => state);

test('time left is the rest of the current experiment plus all later ones', () => {
  expect(progressAfter([], 0)).toMatchObject({ phase: 'waiting', secondsLeft: null });
  expect(progressAfter([testHeader], 5)).toMatchObject({ phase: 'checking', secondsLeft: 110, elapsedSeconds: 5 });
  const toll = progressAfter([testHeader, GATE, fork('toll', 12)], 40);
  expect(toll).toMatchObject({ phase: 'measuring', secondsLeft: 30 + 20 + 30 });
  expect(states(toll)).toEqual(['under way', 'to come', 'to come']);
  // Scale began when toll ended, 65 s after the load began.
  const scale = progressAfter([testHeader, GATE, fork('toll', 12), ended('toll', 65, 'plan')], 80);
  expect(scale.experiments.map(({ seconds }) => seconds)).toEqual([65, 5, 0]);
  expect(scale.secondsLeft).toBe(15 + 30);
});

test('an experiment that takes longer than planned does not shorten the others', () => {
  const late = progressAfter([testHeader, GATE, fork('toll', 12)], 100);
  expect(late.secondsLeft).toBe(50);
});

test('an interrupted run differs from one that ended, and continues counting when it is resumed', () => {
  const broken = [testHeader, GATE, fork('toll', 12), ended('toll', 20, 'interrupted'), runEnded(30, true)];
  expect(progressAfter(broken, 500)).toMatchObject({ phase: 'interrupted', secondsLeft: null, elapsedSeconds: 30 });
  const again: JournalLine[] = [
    ...broken,
    { kind: 'resumed', at: at(1000), commandLine: 'npm run bench' },
    { ...GATE, at: at(1010) },
    fork('toll', 1012),
  ];
  const resumed = progressAfter(again, 1030);
  expect(resumed).toMatchObject({ phase: 'measuring', secondsLeft: 40 + 20 + 30 });
  expect(resumed.experiments[0]).toMatchObject({ state: 'under way', seconds: 20 + 20 });
});

test('a failed experiment is skipped, with its reason', () => {
  const lines = [testHeader, GATE, fork('toll', 12), ended('toll', 5, 'failed')];
  expect(states(progressAfter(lines, 20))).toEqual(['failed', 'under way', 'to come']);
  expect(progressAfter(lines, 20).experiments[0]?.tally?.error).toBe('it broke');
  expect(progressAfter([...lines, runEnded(25, false)], 30).phase).toBe('ended');
});

test('sums exclude warm-up from an arm’s time, and include errors, flags and notes', () => {
  const tally = new RunTally();
  const measures = { replica_cpu_ns: 6e6, redis_cpu_ns: 1e6, redis_commands: 100, generator_cpu_ns: 3e6 };
  const slice = testSlice({ experiment: 'toll', arm: 'jwt-hs256', measures });
  const lines: JournalLine[] = [
    { ...slice, mode: 'warm-up' },
    slice,
    { ...slice, block: 1, unexpected: 2, failed: 1, flags: ['machine-drift'] },
    // It has no CPU time, so it must not make a request look cheaper.
    { ...slice, block: 2, measures: {} },
    { kind: 'note', text: 'a note' },
    { kind: 'note', text: 'a note' },
  ];
  for (const line of lines) tally.add(line);
  expect(tally.experiments.get('toll')?.arms.get('jwt-hs256')).toMatchObject({
    slices: 3,
    requests: 300,
    errors: 3,
    replicaCpuNs: 12e6,
    redisCpuNs: 2e6,
    cpuRequests: 200,
    redisCommands: 200,
    commandRequests: 200,
  });
  expect(tally.requests).toBe(400);
  expect(tally.errors).toBe(3);
  expect([...tally.flags]).toEqual([['machine-drift', 1]]);
  expect(tally.notes).toEqual(['a note']);
});
