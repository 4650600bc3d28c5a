/** The command line: the list of commands, refusals, and complete output. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/registry.ts';
import { historyLine } from '../../core/results/history/entry.ts';
import { entryOf } from '../../regression/history/entry.ts';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { startBench } from '../support/bench-process.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');
const root = mkdtempSync(join(tmpdir(), 'tollgate-test-main-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (args: readonly string[], env: Record<string, string> = {}) => startBench(args, env, root).ended;

describe('the list of commands', () => {
  it.each([[[]], [['']], [['--help']], [['-h']]])('is printed for %j', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
  });

  it('gives way to the version alone', async () => {
    const { code, stdout } = await run(['--version']);
    const manifest = JSON.parse(readFileSync(join(CLI, '../../package.json'), 'utf8')) as { version: string };
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` });
  });

  it('names every npm script that is a command', () => {
    const manifest = JSON.parse(readFileSync(join(CLI, '../../package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const { name } of COMMANDS) expect(manifest.scripts[name]).toBe(`node cli/start.js ${name}`);
    expect(manifest.scripts.tollgate).toBe('node cli/start.js');
    // npm itself runs this one before packing.
    const known = [...COMMANDS.map(({ name }) => name), 'prepack'];
    const others = Object.keys(manifest.scripts).filter((name) => !known.includes(name));
    for (const name of others) expect(manifest.scripts[name]).not.toMatch(/^node (?!cli\/start\.js)/);
  });

  it('reads the list of arms even if every Node process prints an extra line', async () => {
    const noisy = join(root, 'noisy.cjs');
    writeFileSync(noisy, "process.stdout.write('[preload] started\\n');");
    const { code, stdout } = await run(['bench', '--help'], { NODE_OPTIONS: `--require ${noisy}` });
    expect({ code, arms: stdout.includes('session-redis-lean') }).toEqual({ code: 0, arms: true });
  });

  it('suggests a command whose name is similar', async () => {
    expect(await run(['bnech'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean bench?') });
  });
});

it.each([
  ['a command', ['claims', '-h'], /Usage: npm run claims -- \[flags\] \[DIR\]/],
  ['help before faults', ['claims', '--nonsense', '--help'], /Usage: npm run claims/],
])('help is asked for with %s', async (_what, args, text) => {
  expect(await run(args)).toMatchObject({ code: 0, stdout: expect.stringMatching(text), stderr: '' });
});

it('all errors of a command line are reported at once, with what to do', async () => {
  const { code, stdout, stderr } = await run(['history', 'chek', '--nonsense', 'x', '--json=1', '--recent', '0']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^tollgate: unknown option --nonsense: choose from --file, /),
    'tollgate: --json takes no value',
    'tollgate: unknown subcommand "chek": use one of add, show, check, page, accept, digest, calibrate',
    'tollgate: --recent: "0" must be a whole number from 1 to 10000',
    '  npm run history -- --help lists all flags',
    '',
  ]);
});

it('notices flags that npm consumed, and prints the intended command', async () => {
  const env = { npm_lifecycle_event: 'claims', npm_config_figures: 'true', npm_config_json: 'true' };
  const { code, stderr } = await run(['claims', '3'], env);
  expect(code).toBe(2);
  expect(stderr).toContain('npm consumed --figures, --json');
  expect(stderr).toContain('npm run claims -- --figures --json');
});

describe('output', () => {
  /** A history whose JSON is several times as long as a pipe buffer. */
  function writeHistory(): string {
    const path = join(root, 'long.jsonl');
    const line = (day: number) =>
      historyLine(
        entryOf({ ...sampleRun(), runId: `run-${day}`, startedAt: new Date(Date.UTC(2026, 0, day)).toISOString() }),
      );
    writeFileSync(path, Array.from({ length: 60 }, (_, day) => line(day + 1)).join(''));
    return path;
  }

  it('of more than a megabyte passes a pipe completely, even to a slow reader', { timeout: 60_000 }, async () => {
    const args = ['history', 'show', '--file', writeHistory(), '--out', join(root, 'trends.svg'), '--json'];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    // Nothing is read until the pipe is full and the command has had time to end.
    await once(child.stdout, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(child, 'close');
    const text = Buffer.concat(chunks).toString();
    expect(code).toBe(0);
    expect(text.length).toBeGreaterThan(2 ** 20);
    expect(JSON.parse(text)).toMatchObject({ runs: 60 });
  });

  it('causes no error if its reader has gone', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" --help | head -n 1; exit 0`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('causes an error with a hint if the disk is full', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" > /dev/full`], {
      encoding: 'utf8',
    });
    expect(status).toBe(3);
    expect(stderr).toMatch(/the output cannot be written \(.*ENOSPC.*\)\n {2}free some space/);
  });
});
