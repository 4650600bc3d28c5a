import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { readRun } from '../../core/results/run-file.ts';
import { SCHEMA_VERSION } from '../../core/results/schema.ts';
import { isPlainRun, PLAIN_VERSION, readRunQuickly } from './read-run.ts';

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
  ['arms that are no list', { arms: {} }, /arms/],
  ['no machine', { environment: null }, /environment/],
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
