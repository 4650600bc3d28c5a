import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readJournal } from '../../core/results/journal.ts';
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import { repeated } from './repeated.ts';

const path = new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);
const recorded = readJournal(gunzipSync(readFileSync(path)).toString()).lines;
const isSlice = (line: JournalLine): line is Slice => line.kind === 'slice';

it('makes exactly the requested number of slices, and keeps every other line once and in place', () => {
  const lines = [...repeated(recorded, 5_000)];
  expect(lines.filter(isSlice)).toHaveLength(5_000);
  expect(lines.filter((line) => !isSlice(line))).toEqual(recorded.filter((line) => !isSlice(line)));
  expect(lines[0]?.kind).toBe('run');
});

it('makes a readable journal with the same fresh starts, experiments and arms, and no two equal slices', () => {
  const text = [...repeated(recorded, 5_000)].map((line) => JSON.stringify(line)).join('\n');
  const read = readJournal(text);
  expect(read.damaged).toEqual([]);
  const slices = read.lines.filter(isSlice);
  const cells = (of: readonly Slice[]) =>
    new Set(of.map(({ experiment, fork, arm, mode }) => JSON.stringify([experiment, fork, arm, mode])));
  expect(cells(slices)).toEqual(cells(recorded.filter(isSlice)));
  const placeOf = ({ experiment, fork, block, order, arm, process = 0, mode, factors }: Slice) =>
    JSON.stringify([experiment, fork, block, order, arm, process, mode, factors]);
  const alike = (of: readonly Slice[]) => of.length - new Set(of.map(placeOf)).size;
  expect(alike(slices)).toBe(alike(recorded.filter(isSlice)));
  expect(new Set(slices.map(({ durationMs }) => durationMs)).size).toBeGreaterThan(4_900);
});

it('makes the same journal every time', () => {
  expect([...repeated(recorded, 2_000)]).toEqual([...repeated(recorded, 2_000)]);
});
