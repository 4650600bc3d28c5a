import { expect, it } from 'vitest';
import type { JournalLine } from '../../core/results/schema.ts';
import { testSlice } from '../testing/slices.ts';
import { Recording } from './recording.ts';

const slice = (experiment: string, fork: number) => testSlice({ experiment, arm: 'none', fork });
const started = (experiment: string, fork: number): JournalLine => ({
  kind: 'fork',
  experiment,
  fork,
  at: '2026-01-01T00:00:00.000Z',
  startupMs: 1,
  processes: 2,
});

it('begins with fork 0, and returns a slice as soon as it is in the journal', () => {
  const written: JournalLine[] = [];
  const recording = new Recording('toll', [], (line) => written.push(line));
  expect(recording).toMatchObject({ prior: [], brokenOffFork: null, nextFork: 0, recorded: [] });
  const { kind: _, experiment: _toll, ...made } = slice('toll', 0);
  recording.record(made);
  expect(written).toEqual([slice('toll', 0)]);
  expect(recording.recorded).toEqual(written);
  expect(recording.nextFork).toBe(1);
});

it('continues after the last fork that was started, with or without a slice', () => {
  const lines = [started('toll', 0), slice('toll', 0), started('toll', 1), slice('scale', 7), started('scale', 8)];
  const recording = new Recording('toll', lines, () => {});
  expect(recording.prior).toEqual([slice('toll', 0)]);
  expect(recording).toMatchObject({ brokenOffFork: 1, nextFork: 2 });
});

it('counts forks that start no fleet by their slices', () => {
  const recording = new Recording('browser', [slice('browser', 0), slice('browser', 2)], () => {});
  expect(recording).toMatchObject({ brokenOffFork: 2, nextFork: 3 });
});

it('uses no number twice, even if a fork leaves nothing', () => {
  const recording = new Recording('toll', [], () => {});
  recording.begin(0);
  recording.begin(1);
  expect(recording).toMatchObject({ nextFork: 2, brokenOffFork: null });
});

it('keeps nothing that could not be written', () => {
  const recording = new Recording('toll', [], () => {
    throw new Error('no space left');
  });
  const { kind: _, experiment: _toll, ...made } = slice('toll', 0);
  expect(() => recording.record(made)).toThrow('no space left');
  expect(recording.recorded).toEqual([]);
});
