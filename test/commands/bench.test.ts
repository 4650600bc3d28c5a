import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../../core/results/journal.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-bench-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs happen in a folder of their own, so that they do not move the user's results/latest. */
const bench = (args: readonly string[], env?: Record<string, string | undefined>) =>
  startBench(['bench', ...args], env, root);
const TOLL = ['--arms', 'none,session-redis,jwt-hs256', '--experiments', 'toll', '--seed', '7'];

const journalText = (directory: string) => readFileSync(join(directory, 'journal.jsonl'), 'utf8');

describe('a run', () => {
  it('prints one JSON object whose figures the journal gives again, and leaves no process', async () => {
    const directory = join(root, 'json');
    const { child, ended } = bench([...TOLL, '--budget', '1s', '--aa', '--json', '--out', directory]);
    const slices = () => journalLines(directory, 'slice').length > 0;
    await until('a first slice was journalled', 40_000, slices);
    const below = descendants(child.pid ?? 0);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(below.length).toBeGreaterThanOrEqual(6);
    expect(stillAlive(below)).toEqual([]);

    const printed = JSON.parse(stdout) as Run;
    expect(printed.figures).toEqual(readRun(directory).figures);
    expect(replay(readJournal(journalText(directory))).figures).toEqual(printed.figures);
    const of = (metric: string, arm: string) =>
      printed.figures.find((figure) => figure.metric === metric && figure.arm === arm);
    expect(of('cpu_ratio_to_baseline', 'none-aa')).toBeDefined();
    expect(of('redis_commands_per_request', 'session-redis')?.value).toBe(1);
    expect(of('redis_commands_per_request', 'jwt-hs256')?.value).toBe(0);
    for (const figure of printed.figures) {
      expect(figure.low).toBeLessThanOrEqual(figure.value);
      expect(figure.value).toBeLessThanOrEqual(figure.high);
    }
    expect(printed.experiments[0]?.unexpected).toBe(0);
  });

  it('writes no secret: neither passwords, keys nor credentials stand in what it leaves', async () => {
    const directory = join(root, 'json');
    for (const file of ['journal.jsonl', 'run.json', 'report.html', 'summary.md', 'figures.csv']) {
      const text = readFileSync(join(directory, file), 'utf8');
      expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+|PRIVATE KEY|\$argon2id\$|redis:\/\/:/);
    }
  });

  it('leaves no process when its own is killed, and --resume finishes it', async () => {
    const directory = join(root, 'killed');
    const { child, ended } = bench([...TOLL, '--budget', '2s', '--out', directory]);
    await until('a first slice was journalled', 40_000, () => journalLines(directory, 'slice').length > 0);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    await ended;
    await until('every process of the run was gone', 2_000, () => stillAlive(below).length === 0);
    const before = journalLines(directory, 'slice');

    const resumed = await bench(['--resume', directory]).ended;
    expect(resumed.code).toBe(0);
    const run = readRun(directory);
    expect(run.complete).toBe(true);
    expect(journalLines(directory, 'slice').slice(0, before.length)).toEqual(before);
    expect(journalLines(directory, 'slice').length).toBeGreaterThan(before.length);
  });

  it('keeps what was measured on Ctrl-C and ends with 130', async () => {
    const directory = join(root, 'interrupted');
    const { child, ended } = bench([...TOLL, '--budget', '60s', '--out', directory]);
    await until('a first slice was journalled', 40_000, () => journalLines(directory, 'slice').length > 0);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('--resume');
    expect(stillAlive(below)).toEqual([]);
    const run = readRun(directory);
    expect(run.interrupted).toBe(true);
    expect(run.figures.length).toBeGreaterThan(0);
  });

  it('names a replica that dies in mid-slice, keeps the blocks before, and goes on with the next experiment', async () => {
    const directory = join(root, 'died');
    const { child, ended } = bench([
      ...TOLL.slice(0, 2),
      '--experiments',
      'toll,hot-path',
      '--budget',
      '8s',
      '--out',
      directory,
    ]);
    await until('a first slice was journalled', 40_000, () => journalLines(directory, 'slice').length > 0);
    const replica = descendants(child.pid ?? 0).find(({ command }) => command.includes('servers/process/replica.ts'));
    if (replica === undefined) throw new Error('no replica runs');
    process.kill(replica.pid, 'SIGKILL');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/a replica of \S+ \(process \d+\) ended with SIGKILL/);
    const run = readRun(directory);
    expect(run.experiments.map(({ name }) => name)).toEqual(['toll', 'hot-path']);
    expect(run.experiments[0]?.stoppedBy).toBe('failed');
    expect(['plan', 'budget']).toContain(run.experiments[1]?.stoppedBy);
    expect(run.experiments[1]?.requests).toBeGreaterThan(0);
    expect(run.experiments[0]?.requests).toBeGreaterThan(0);
  });
});

describe('what is asked wrongly', () => {
  it('is told all at once, before anything starts', async () => {
    const { code, stderr } = await bench([
      '--arms',
      'nnoe',
      '--replicas',
      '0,x',
      '--profile',
      'slow',
      '--exprments',
      'toll',
    ]).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean none?');
    expect(stderr).toContain('did you mean --experiments?');
    expect(stderr).toMatch(/--replicas: "0"[\s\S]*--replicas: "x"/);
    expect(stderr).toContain('--profile');
  });

  it('includes an output folder that cannot be written and one that holds a run', async () => {
    const unwritable = await bench(['--out', '/dev/null/results']).ended;
    expect(unwritable.code).toBe(2);
    expect(unwritable.stderr).toContain('cannot be written');
    writeFileSync(join(root, 'journal.jsonl'), '');
    const taken = await bench(['--out', root]).ended;
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain('--resume');
  });
});

describe('a machine that lacks something', () => {
  it('is told that Redis is missing and how to get it', async () => {
    const env = { PATH: mkdtempSync(join(root, 'empty-path-')), TOLLGATE_NO_INSTALL: '1' };
    const { code, stderr } = await bench([...TOLL, '--out', join(root, 'no-redis')], env).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/redis/i);
  });

  it('is told that the Redis at REDIS_URL does not answer, or is not on this machine', async () => {
    const silent = await bench([...TOLL, '--out', join(root, 'silent')], { REDIS_URL: 'redis://127.0.0.1:1' }).ended;
    expect(silent.code).toBe(3);
    expect(silent.stderr).toContain('does not answer');
    const remote = await bench([...TOLL, '--out', join(root, 'remote')], { REDIS_URL: 'redis://redis.example:6379' })
      .ended;
    expect(remote.code).toBe(3);
    expect(remote.stderr).toContain('not this machine');
  });
});

describe('a run that is read again', () => {
  const report = (directory: string) => startBench(['report', directory], {}, root).ended;

  it('loses only the line that is damaged, and says which', async () => {
    const directory = join(root, 'json');
    const lines = journalText(directory).split('\n');
    const slices = lines.findIndex((line) => line.includes('"kind":"slice"'));
    lines[slices] = lines[slices]?.slice(0, 40) ?? '';
    writeFileSync(join(directory, 'journal.jsonl'), lines.join('\n'));
    expect((await report(directory)).code).toBe(0);
    const run = readRun(directory);
    expect(run.damagedLines).toEqual([{ line: slices + 1, reason: expect.stringContaining('not JSON') }]);
    expect(run.figures.length).toBeGreaterThan(0);
  });

  it('is refused where another schema version wrote it', async () => {
    const directory = join(root, 'json');
    writeFileSync(
      join(directory, 'journal.jsonl'),
      journalText(directory).replace('"schemaVersion":1', '"schemaVersion":99'),
    );
    const { code, stderr } = await report(directory);
    expect(code).toBe(2);
    expect(stderr).toContain('schema version 99');
  });
});
