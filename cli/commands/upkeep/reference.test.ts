import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXPERIMENTS } from '../../../bench/experiments/registry.ts';
import type { Run } from '../../../core/results/schema.ts';
import { sampleRun } from '../../../reports/testing/sample-run.ts';
import { referenceFaults } from './reference.ts';

const sample = sampleRun();
const full: Run = {
  ...sample,
  complete: true,
  config: { ...sample.config, profile: 'full', experiments: EXPERIMENTS.map(({ name }) => name) },
  environment: { ...sample.environment, gitCommit: 'a'.repeat(40), gitDirty: false },
  flags: [],
  damagedLines: [],
};

describe('a reference', () => {
  it('may be a finished full run of a clean commit', () => {
    expect(referenceFaults(full)).toEqual([]);
  });

  it.each<readonly [string, Run, RegExp]>([
    ['quick', { ...full, config: { ...full.config, profile: 'quick' } }, /not a run of the full profile/],
    ['narrower', { ...full, config: { ...full.config, experiments: ['toll'] } }, /leaves out .*browser.* and store/],
    ['unfinished', { ...full, complete: false }, /did not finish.*--resume/],
    ['dirty', { ...full, environment: { ...full.environment, gitDirty: true } }, /uncommitted changes/],
    ['of an unknown state', { ...full, environment: { ...full.environment, gitDirty: null } }, /uncommitted changes/],
    ['of no commit', { ...full, environment: { ...full.environment, gitCommit: null } }, /its commit is unknown/],
    ['damaged', { ...full, damagedLines: [{ line: 1, reason: 'x' }] }, /damaged/],
    ['unsafe', { ...full, flags: ['gate-failed'] }, /--unsafe/],
  ])('may be no run that is %s', (_, run, reason) => {
    expect(referenceFaults(run)).toEqual([expect.stringMatching(reason)]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'tollgate-reference-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const CLI = join(import.meta.dirname, '..', '..', 'main.ts');
const command = (...args: string[]) => spawnSync(process.execPath, [CLI, 'reference', ...args], { encoding: 'utf8' });

it('the command lists all reasons at once, and writes nothing', () => {
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...sample, complete: false }));
  const { status, stdout, stderr } = command(folder);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('not a run of the full profile');
  expect(stderr).toContain('did not finish');
});

it('the command requires a folder', () => {
  const { status, stderr } = command();
  expect(status).toBe(2);
  expect(stderr).toContain('DIR missing');
});
