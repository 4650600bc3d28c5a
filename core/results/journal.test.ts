import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { testHeader, testSlice } from '../../bench/testing/slices.ts';
import { LatencyHistogram } from './histogram.ts';
import { type Journal, JournalError, JournalWriter, readJournal, readJournalFile } from './journal.ts';
import { copyOf } from './recorded/packed-slices.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const slice = testSlice({ experiment: 'toll', arm: 'none' });
const linesOf = ({ lines }: Journal) => lines.map((line) => (line.kind === 'slice' ? copyOf(line) : line));

it('has a line in the operating system as soon as it was appended', () => {
  const path = join(folder, 'a.jsonl');
  const journal = JournalWriter.open(path);
  journal.append(testHeader);
  expect(readJournal(readFileSync(path, 'utf8')).lines).toEqual([testHeader]);
  journal.append(slice);
  expect(linesOf(readJournal(readFileSync(path, 'utf8')))).toEqual([testHeader, slice]);
  journal.close();
});

it('creates no file before its first line', () => {
  const path = join(folder, 'none.jsonl');
  const journal = JournalWriter.open(path);
  journal.flush();
  journal.close();
  expect(existsSync(path)).toBe(false);
});

it('fails at once if an existing one cannot be continued', () => {
  // A folder cannot be written as a file even by root; a file without permission can.
  expect(() => JournalWriter.open(folder)).toThrow(folder);
});

it('writes through no link, whether its target exists or not', () => {
  const [there, missing] = [join(folder, 'theirs'), join(folder, 'missing')];
  writeFileSync(there, 'theirs');
  for (const target of [there, missing]) {
    const path = `${target}-linked.jsonl`;
    symlinkSync(target, path);
    expect(() => JournalWriter.open(path)).toThrow(`${path} cannot be written`);
  }
  // The link may appear after the folder was looked at.
  const late = join(folder, 'late.jsonl');
  const journal = JournalWriter.open(late);
  symlinkSync(missing, late);
  expect(() => journal.append(testHeader)).toThrow(`${late} cannot be written`);
  expect([readFileSync(there, 'utf8'), existsSync(missing)]).toEqual(['theirs', false]);
});

it('is refused if it contains several runs, whose figures would be mixed', () => {
  const runs = [testHeader, slice, { ...testHeader, runId: 'another' }, slice];
  const text = runs.map((line) => `${JSON.stringify(line)}\n`).join('');
  expect(() => readJournal(text)).toThrow('it contains 2 runs');
});

it('continues after a line that a crash cut off, without losing the next', () => {
  const path = join(folder, 'b.jsonl');
  writeFileSync(path, `${JSON.stringify(testHeader)}\n${JSON.stringify(slice).slice(0, 30)}`);
  const journal = JournalWriter.open(path);
  journal.append(slice);
  journal.close();
  const read = readJournal(readFileSync(path, 'utf8'));
  expect(linesOf(read)).toEqual([testHeader, slice]);
  expect(read.damaged).toEqual([{ line: 2, reason: expect.stringContaining('not JSON') }]);
});

it.each([
  ['removed', (from: string) => rmSync(from, { recursive: true })],
  ['moved', (from: string) => renameSync(from, `${from}-elsewhere`)],
])('stops at the next line when its folder was %s, instead of measuring for nothing', (change, act) => {
  const directory = join(folder, change);
  mkdirSync(directory);
  const path = join(directory, 'journal.jsonl');
  const journal = JournalWriter.open(path);
  journal.append(testHeader);
  act(directory);
  expect(() => journal.append(slice)).toThrow(`${path} was removed or moved while the run was writing it`);
  expect(() => journal.close()).not.toThrow();
});

it('refuses to write a line that does not match the schema', () => {
  const journal = JournalWriter.open(join(folder, 'c.jsonl'));
  expect(() => journal.append({ ...slice, requests: -1 })).toThrow(JournalError);
  expect(() => journal.append({ ...slice, flags: ['made-up' as 'unpaired'] })).toThrow(JournalError);
  journal.close();
});

it('sets a line of another form aside and names its position', () => {
  const text = [testHeader, { kind: 'slice', experiment: 'toll' }, slice]
    .map((line) => JSON.stringify(line))
    .join('\n');
  const read = readJournal(text);
  expect(read.lines).toHaveLength(2);
  expect(read.damaged.map(({ line }) => line)).toEqual([2]);
});

it('refuses a journal of another schema version, and one without its header', () => {
  expect(() => readJournal(JSON.stringify({ ...testHeader, schemaVersion: 2 }))).toThrow('schema version 2');
  expect(() => readJournal(JSON.stringify(slice))).toThrow('first line');
  expect(() => readJournal('')).toThrow(JournalError);
});

it('reads a file in chunks, with lines longer than a chunk and characters split between two', () => {
  const path = join(folder, 'long.jsonl');
  // Three-byte characters, so that chunks of a power of two end within one.
  const notes = [1, 700_000, 2, 400_000].map((length) => ({ kind: 'note' as const, text: '€'.repeat(length) }));
  const lines = [testHeader, ...notes, slice, slice];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  writeFileSync(path, `${text.slice(0, -20)}`);
  const read = readJournalFile(path);
  const asText = readJournal(text.slice(0, -20));
  expect({ ...read, lines: linesOf(read) }).toEqual({ ...asText, lines: linesOf(asText) });
  expect(read.lines).toHaveLength(6);
  expect(read.damaged.map(({ line }) => line)).toEqual([7]);
  writeFileSync(path, `${text}\n`);
  expect(linesOf(readJournalFile(path))).toEqual(lines);
});

it('sets aside a slice with an invalid histogram, and reads the others', () => {
  const histogram = LatencyHistogram.empty();
  histogram.record(1_000);
  const whole = { ...slice, histograms: { corrected: histogram.encode() } };
  const cut = { ...slice, histograms: { corrected: histogram.encode().slice(0, 20) } };
  const read = readJournal([testHeader, whole, cut, whole].map((line) => JSON.stringify(line)).join('\n'));
  expect(linesOf(read)).toEqual([testHeader, whole, whole]);
  expect(read.damaged).toEqual([{ line: 3, reason: 'its histogram corrected cannot be decoded' }]);
});

it('stores once what most slices share', () => {
  const withMore = { ...slice, histograms: {} };
  const text = [testHeader, slice, slice, withMore, withMore].map((line) => JSON.stringify(line)).join('\n');
  const slices = readJournal(text).lines.filter((line) => line.kind === 'slice');
  expect(slices).toHaveLength(4);
  for (const each of slices.slice(1)) {
    expect(each.factors).toBe(slices[0]?.factors);
    expect(each.flags).toBe(slices[0]?.flags);
  }
});

it('sets aside a slice that claims more replicas than fit in memory', () => {
  const hostile = { ...slice, experiment: 'revocation', measures: { replicas: 4e9 } };
  const { lines, damaged, unknownMeasures } = readJournal(
    [testHeader, hostile].map((line) => JSON.stringify(line)).join('\n'),
  );
  expect(lines.length + damaged.length).toBe(2);
  expect(unknownMeasures).toEqual(['replicas']);
});
