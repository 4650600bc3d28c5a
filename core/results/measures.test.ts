import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testHeader, testSlice } from '../../bench/testing/slices.ts';
import { type Journal, JournalError, JournalWriter, readJournal } from './journal.ts';
import { MEASURE_NAMES, MEASURES, type Measure, type MeasureInfo, type Measures } from './measures.ts';
import { copyOf } from './recorded/packed-slices.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-measures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An example value for each form that a measure can have. */
function exampleOf(name: Measure): unknown {
  const { over }: MeasureInfo = MEASURES[name];
  if (over === 'replicas') return [1.5, null];
  return over === 'buckets' ? { 'node:net': 2.5, fastify: 1 } : 0.25;
}

const sliceWith = (measures: unknown) => testSlice({ experiment: 'toll', arm: 'none', measures: measures as Measures });

const slicesIn = ({ lines }: Journal) => lines.flatMap((line) => (line.kind === 'slice' ? [copyOf(line)] : []));

/** @returns the slice after writing and reading it */
function throughJournal(slice: ReturnType<typeof sliceWith>, name: string) {
  const path = join(folder, `${name}.jsonl`);
  const journal = JournalWriter.open(path);
  journal.append(testHeader);
  journal.append(slice);
  journal.close();
  return readJournal(readFileSync(path, 'utf8'));
}

describe('a measure', () => {
  it.each(MEASURE_NAMES)('%s is unchanged after writing and reading', (name) => {
    const slice = sliceWith({ [name]: exampleOf(name) });
    const read = throughJournal(slice, name);
    expect(read.damaged).toEqual([]);
    expect(slicesIn(read)).toEqual([slice]);
  });

  it('is refused on writing if it is not registered', () => {
    expect(() => throughJournal(sliceWith({ replica_cpu: 1 }), 'misspelt')).toThrow(JournalError);
    // @ts-expect-error A misspelt name is no measure.
    const misspelt: Measures = { replica_cpu: 1 };
    expect(misspelt).toBeDefined();
  });

  it('is refused on writing if its value has the wrong form', () => {
    expect(() => throughJournal(sliceWith({ last_accepted_ms: 1 }), 'number')).toThrow(JournalError);
    expect(() => throughJournal(sliceWith({ gc_ms: [1] }), 'list')).toThrow(JournalError);
  });

  it('is dropped and listed if it is unknown when it is read, and the rest is kept', () => {
    const slice = sliceWith({ replica_cpu_ns: 5 });
    const later = { ...slice, measures: { ...slice.measures, watts: 3 } };
    const text = [testHeader, later, later].map((line) => JSON.stringify(line)).join('\n');
    const read = readJournal(text);
    expect(read.damaged).toEqual([]);
    expect(slicesIn(read)).toEqual([slice, slice]);
    expect(read.unknownMeasures).toEqual(['watts']);
  });
});

describe('every measure', () => {
  it.each(Object.entries<MeasureInfo>(MEASURES))('%s carries its unit in its name', (name, { unit }) => {
    const suffixes: Readonly<Record<string, readonly RegExp[]>> = {
      ns: [/_ns$/],
      ms: [/_ms$/],
      µs: [/_us$/, /_us_per_operation$/],
      B: [/_bytes$/, /^bytes_per_session$/],
      'req/s': [/_rps$/],
      cores: [/_cores$/],
      ratio: [/_ratio$/],
    };
    const known = suffixes[unit];
    if (known === undefined) expect(['count', '0 or 1', 'index']).toContain(unit);
    else expect(known.some((suffix) => suffix.test(name))).toBe(true);
  });
});
