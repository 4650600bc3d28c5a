import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { startBench, until } from '../support/bench-process.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');
const JOURNAL = join(import.meta.dirname, '../../reports/testing/recorded/quick.journal.jsonl.gz');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-report-cli-'));
  writeFileSync(join(folder, 'journal.jsonl'), gunzipSync(readFileSync(JOURNAL)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(...args: string[]) {
  return spawnSync(process.execPath, [CLI, 'report', ...args], { encoding: 'utf8', cwd: folder, maxBuffer: 2 ** 28 });
}

test('a report prints one line and leaves no partial file', () => {
  const { status, stdout, stderr } = report('.');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'report.html\n', stderr: '' });
  const files = readdirSync(folder, { recursive: true }) as string[];
  for (const name of ['run.json', 'report.html', 'summary.md', 'figures.csv']) expect(files).toContain(name);
  expect(files.filter((name) => name.endsWith('.svg')).length).toBeGreaterThan(5);
  expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('--json prints the whole run, however small the pipe buffer is', () => {
  const { status, stdout } = report('.', '--json');
  expect(status).toBe(0);
  expect(stdout.length).toBeGreaterThan(65_536);
  const printed = JSON.parse(stdout) as Run;
  expect(printed).toMatchObject({ directory: '.' });
  expect(printed.figures).toEqual(readRun(folder).figures);
});

test('Ctrl-C while the charts are drawn ends it with 130, and leaves no partial file', async () => {
  const other = mkdtempSync(join(tmpdir(), 'tollgate-report-stopped-'));
  try {
    writeFileSync(join(other, 'journal.jsonl'), gunzipSync(readFileSync(JOURNAL)));
    const { child, ended } = startBench(['report', other]);
    // Written before the first chart is drawn.
    await until('run.json is there', () => existsSync(join(other, 'run.json')));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('Ctrl-C again') });
    expect(readRun(other).figures.length).toBeGreaterThan(0);
    expect((readdirSync(other, { recursive: true }) as string[]).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(existsSync(join(other, 'report.html'))).toBe(false);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test.each([
  ['folders that hold no run', ['a', 'b'], /^tollgate: .*a.run\.json not found\n {2}name the folder/],
  ['a folder for one run alone', ['.', '--out', 'x'], /^tollgate: --out needs two or more runs.*\n {2}.*--help/],
  ['an unknown option', ['--nope'], /^tollgate: unknown option --nope: .*\n {2}.*--help/],
  ['a folder without a run', [tmpdir()], /^tollgate: report: no run found in .*\n {2}give a folder/],
  [
    'no folder, and no latest run',
    [],
    /^tollgate: report: no run found in .*latest\n {2}give a folder .*, or make one with npm run bench\n/,
  ],
])('%s is answered with one line, what to do, and exit code 2', (_what, args, message) => {
  const { status, stdout, stderr } = report(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
});

test('several runs are shown side by side in one page and one Markdown file, with what cannot be ranked', () => {
  const other = mkdtempSync(join(tmpdir(), 'tollgate-report-beside-'));
  try {
    report('.');
    const run = readRun(folder);
    writeFileSync(join(other, 'run.json'), JSON.stringify({ ...run, config: { ...run.config, profile: 'full' } }));
    const { status, stdout } = report('.', other, '--out', 'beside');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^B and A are not ranked: .*other profile: quick and full.*\nbeside\/side-by-side\.html\n$/s,
    );
    expect(readFileSync(join(folder, 'beside/side-by-side.md'), 'utf8')).toContain('# Runs side by side');
    expect(readFileSync(join(folder, 'beside/side-by-side.html'), 'utf8')).toContain('<h1>Runs side by side</h1>');
    const json = JSON.parse(report('.', other, '--out', 'beside', '--json').stdout);
    expect(json.runs[1].notRanked.length).toBeGreaterThan(0);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});
