import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { REFERENCE_FILE } from '../../core/results/reference/file.ts';
import { REFERENCE_SCHEMA_VERSION, readReference } from '../../core/results/reference/reference.ts';
import { readRun } from '../../core/results/run-file.ts';
import { SCHEMA_VERSION } from '../../core/results/schema.ts';
import {
  isPlainRun,
  PLAIN_REFERENCE_VERSION,
  PLAIN_VERSION,
  readReferenceQuickly,
  readRunQuickly,
} from './read-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-read-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (value: unknown) => writeFileSync(join(folder, 'run.json'), JSON.stringify(value));

it('reads the same as the full reader', async () => {
  write(knownRun());
  expect(PLAIN_VERSION).toBe(SCHEMA_VERSION);
  expect(isPlainRun(knownRun(), PLAIN_VERSION)).toBe(true);
  expect(await readRunQuickly(folder)).toEqual(readRun(folder));
});

it('passes a run without promises to the full reader, which knows those of old arms', async () => {
  const run = knownRun();
  write({ ...run, arms: run.arms.map(({ declares: _, ...arm }) => arm) });
  const { arms } = await readRunQuickly(folder);
  expect(arms.find(({ name }) => name === 'session-redis')?.declares).toMatchObject({ revokedWithinMs: 0 });
});

const [figure] = knownRun().figures;
const [, arm] = knownRun().arms;

it.each([
  ['another version', { schemaVersion: 2 }, /schema version 2/],
  ['a figure without a value', { figures: [{ ...figure, value: null }] }, /figures/],
  ['a figure whose factors are a list', { figures: [{ ...figure, factors: [1] }] }, /figures/],
  ['flags that are no texts', { figures: [{ ...figure, flags: [1] }] }, /figures/],
  [
    'an arm whose promise is of another kind',
    { arms: [{ ...arm, declares: { ...arm?.declares, crossOrigin: 'yes' } }] },
    /arms/,
  ],
  ['an arm without tags', { arms: [{ ...arm, tags: undefined }] }, /arms/],
  ['an arm whose hot path is a number', { arms: [{ ...arm, hotPath: 1 }] }, /arms/],
  ['an arm that remembers an unknown number', { arms: [{ ...arm, remembers: { tokens: 'all', forMs: 1 } }] }, /arms/],
  ['an arm that remembers no token', { arms: [{ ...arm, remembers: { tokens: 0, forMs: 1 } }] }, /arms/],
  ['an arm that remembers half a token', { arms: [{ ...arm, remembers: { tokens: 0.5, forMs: 1 } }] }, /arms/],
  ['an arm that remembers for no time', { arms: [{ ...arm, remembers: { tokens: 1, forMs: 0 } }] }, /arms/],
  ['a figure of half a block', { figures: [{ ...figure, blocks: 0.5 }] }, /figures/],
  ['a figure of fewer than no starts', { figures: [{ ...figure, forks: -1 }] }, /figures/],
  ['arms that are no list', { arms: {} }, /arms/],
  ['no machine', { environment: null }, /environment/],
  ['half a core', { environment: { ...knownRun().environment, cores: 0.5 } }, /environment/],
])('refuses %s as the whole reader does', async (_what, change, message) => {
  write({ ...knownRun(), ...change });
  expect(isPlainRun({ ...knownRun(), ...change }, PLAIN_VERSION)).toBe(false);
  await expect(readRunQuickly(folder)).rejects.toThrow(message);
});

it('reports that a file is missing, or not JSON', async () => {
  await expect(readRunQuickly(folder)).rejects.toThrow(/run\.json not found/);
  writeFileSync(join(folder, 'run.json'), '{');
  await expect(readRunQuickly(folder)).rejects.toThrow(/not JSON/);
});

it('makes active characters of a run visible', async () => {
  const run = knownRun();
  write({ ...run, runId: 'a\u001b[31mb' });
  expect((await readRunQuickly(folder)).runId).toBe('a␛[31mb');
});

describe('the reference run', () => {
  const path = () => join(folder, 'reference.json.gz');
  const writeReference = (value: unknown) => writeFileSync(path(), gzipSync(JSON.stringify(value)));
  const whole = { schemaVersion: REFERENCE_SCHEMA_VERSION, version: '0.1.0', run: knownRun(), claims: [] };

  it('of the package is read quickly, and the same as by the full reader', async () => {
    expect(PLAIN_REFERENCE_VERSION).toBe(REFERENCE_SCHEMA_VERSION);
    const full = readReference()?.run;
    expect(isPlainRun(full, PLAIN_VERSION)).toBe(true);
    expect(await readReferenceQuickly()).toEqual(full);
    expect(readReference(REFERENCE_FILE)?.run.figures.length).toBeGreaterThan(1_000);
  });

  it('may be missing', async () => {
    expect(await readReferenceQuickly(path())).toBeNull();
  });

  it.each([
    ['another version', { ...whole, schemaVersion: 2 }, /schema version 2/],
    ['no run', { ...whole, run: undefined }, /run/],
    ['a figure without a value', { ...whole, run: { ...whole.run, figures: [{ ...figure, value: null }] } }, /figures/],
  ])('with %s is refused as the full reader refuses it', async (_what, value, message) => {
    writeReference(value);
    await expect(readReferenceQuickly(path())).rejects.toThrow(message);
  });

  it('is refused if it cannot be unpacked', async () => {
    writeFileSync(path(), 'no gzip');
    await expect(readReferenceQuickly(path())).rejects.toThrow(/cannot be unpacked/);
  });
});
