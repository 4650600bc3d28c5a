import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { sampleRun } from '../../../reports/testing/sample-run.ts';
import { JsonFileError } from '../json-file.ts';
import { REFERENCE_FILE } from './file.ts';
import {
  MOST_REFERENCE_BYTES,
  type Reference,
  readReference,
  reducedRun,
  referenceOrigin,
  writeReference,
} from './reference.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-reference-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const reference = (run = reducedRun(sampleRun())): Reference => ({
  schemaVersion: 1,
  version: '0.1.0',
  run,
  claims: [
    {
      ...{ number: 1, id: 'a', statement: 'A.', verdict: 'holds only if', condition: 'it is so', because: 'B.' },
      ...{ turns: null, contrary: null },
    },
  ],
});

describe('the reference', () => {
  it('is read as it was written, and says where it comes from', () => {
    const size = writeReference(reference(), at('whole.json.gz'));
    expect(statSync(at('whole.json.gz')).size).toBe(size);
    expect(readReference(at('whole.json.gz'))).toEqual(reference());
    const { cpuModel, cores, node } = sampleRun().environment;
    expect(referenceOrigin(reference())).toContain(`${cpuModel}, ${cores} cores, Node ${node}, `);
    expect(referenceOrigin(reference())).toContain('Tollgate 0.1.0');
  });

  it('is null if the package has none', () => {
    expect(readReference(at('nowhere.json.gz'))).toBeNull();
  });

  it.each([
    ['no gzip', Buffer.from('{}')],
    ['no JSON', gzipSync('{')],
    ['a number', gzipSync('1')],
    ['another shape', gzipSync(JSON.stringify({ ...reference(), claims: [{ verdict: 'perhaps' }] }))],
    ['more than it may unpack to', gzipSync(Buffer.alloc(40_000_000, 32))],
  ])('is refused as damaged where its file holds %s', (_, bytes) => {
    writeFileSync(at('damaged.json.gz'), bytes);
    expect(() => readReference(at('damaged.json.gz'))).toThrow(
      expect.objectContaining({ fault: 'damaged', hint: expect.stringContaining('npm run reference') }),
    );
  });

  it('of another schema version is refused as such', () => {
    writeFileSync(at('newer.json.gz'), gzipSync(JSON.stringify({ ...reference(), schemaVersion: 2 })));
    expect(() => readReference(at('newer.json.gz'))).toThrow(JsonFileError);
    expect(() => readReference(at('newer.json.gz'))).toThrow('schema version 2');
  });

  it('is refused where it is too large for the package', () => {
    const { figures } = sampleRun();
    const many = Array.from({ length: 60_000 }, (_, i) => {
      const value = Math.sin(i);
      return { ...(figures[0] as (typeof figures)[0]), value, low: value, high: value };
    });
    expect(() => writeReference(reference({ ...sampleRun(), figures: many }), at('large.json.gz'))).toThrow(
      `may take ${MOST_REFERENCE_BYTES}`,
    );
  });
});

it('a reduced run has every figure, rounded to stay within its interval, and no timeline', () => {
  const run = sampleRun();
  const [first] = run.figures;
  if (first === undefined) throw new Error('the sample has figures');
  const reduced = reducedRun({
    ...run,
    figures: [{ ...first, value: 1.234567891, low: 1.2345678, high: 1.2345679, pNoDifference: 0.000123456 }],
    timelines: [],
  });
  expect(reduced.figures[0]).toMatchObject({ value: 1.2346, low: 1.2346, high: 1.2346, pNoDifference: 0.00012346 });
  expect('timelines' in reduced).toBe(false);
  expect(reducedRun(run).figures).toHaveLength(run.figures.length);
});
describe('the committed reference', () => {
  const committed = readReference();

  it('is a full run of a clean commit, of at most 300 kB', () => {
    expect(committed?.run.config.profile).toBe('full');
    expect(committed?.run.complete).toBe(true);
    expect(committed?.run.environment.gitDirty).toBe(false);
    expect(committed?.run.environment.gitCommit).toMatch(/^[0-9a-f]{40}$/);
    expect(statSync(REFERENCE_FILE).size).toBeLessThanOrEqual(MOST_REFERENCE_BYTES);
  });

  it('is of this version', () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    expect(committed?.version).toBe(version);
  });

  it('names no folder of the machine that made it', () => {
    expect(gunzipSync(readFileSync(REFERENCE_FILE)).toString('utf8')).not.toMatch(/\/(?:home|root|tmp|work)\//);
  });
});
