import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers';
import { afterAll, expect, it } from 'vitest';
import { UsageError } from '../../core/errors.ts';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { laySideBySide } from './lay-side-by-side.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-lay-side-by-side-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const runs = ['a', 'b'].map((name) => {
  const directory = join(folder, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'run.json'), JSON.stringify(sampleRun()));
  return directory;
});

it('leaves a turn to Ctrl-C while runs are read and compared', async () => {
  const [control, reason] = [new AbortController(), new Error('Ctrl-C')];
  setImmediate(() => control.abort(reason));
  await expect(laySideBySide(runs, control.signal)).rejects.toBe(reason);
});

it('makes page, Markdown and data of runs', async () => {
  const { page, markdown, rows, runs: named } = await laySideBySide(runs);
  expect(page).toContain('<h1>Runs side by side</h1>');
  expect(markdown).toContain('# Runs side by side');
  expect(named.map(({ name }) => name)).toEqual(runs);
  expect(rows.length).toBeGreaterThan(10);
});

it('names the first folder without a run, as the thread found it', async () => {
  const failure = await laySideBySide([...runs, join(folder, 'none')]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining(join(folder, 'none')) });
  expect(failure).not.toBeInstanceOf(UsageError);
});
