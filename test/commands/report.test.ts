import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleRun } from '../../reports/testing/sample-run.ts';

const CLI = join(import.meta.dirname, '../../cli/commands/build-report.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-report-cli-'));
  writeFileSync(join(folder, 'run.json'), JSON.stringify(sampleRun()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(...args: string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

test('a run is reported on in one line', () => {
  const { status, stdout, stderr } = report(folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Wrote .*report\.html, .*summary\.md, .*figures\.csv, .*and \d+ charts\.\n$/);
});

test('--json prints the paths for a machine', () => {
  const built: unknown = JSON.parse(report(folder, '--json').stdout);
  expect(built).toMatchObject({
    runId: sampleRun().runId,
    files: expect.arrayContaining([join(folder, 'report.html')]),
  });
});

test.each([
  ['no folder', []],
  ['two folders', ['a', 'b']],
  ['an unknown flag', ['--nope']],
  ['a folder without a run', [tmpdir()]],
])('%s is answered with one line and exit code 2', (_what, args) => {
  const { status, stdout, stderr } = report(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
});
