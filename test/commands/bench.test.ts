import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OPTIMISED_REQUESTS } from '../../bench/processes/v8-flags.ts';
import { replay } from '../../bench/run/replay.ts';
import { readGate } from '../../core/results/gate-file.ts';
import { readJournal } from '../../core/results/journal.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-bench-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs use a separate folder, so that they do not change the user's results/latest. */
const bench = (args: readonly string[], env?: Record<string, string | undefined>) =>
  startBench(['bench', ...args], env, root);
const TOLL = ['--arms', 'none,session-redis,jwt-hs256', '--experiments', 'toll', '--seed', '7'];

const journalText = (directory: string) => readFileSync(join(directory, 'journal.jsonl'), 'utf8');

describe('a run', () => {
  it('prints one JSON object whose figures can be rebuilt from the journal, and leaves no process', async () => {
    const directory = join(root, 'json');
    const { child, ended } = bench([...TOLL, '--budget', '1s', '--aa', '--json', '--out', directory]);
    const slices = () => journalLines(directory, 'slice').length > 0;
    await until('a first slice was journalled', slices);
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
    for (const slice of readJournal(journalText(directory)).lines.filter((line) => line.kind === 'slice')) {
      const requests = slice.measures.warm_up_requests ?? 0;
      expect(requests).toBeGreaterThan(0);
      expect(requests >= OPTIMISED_REQUESTS.byDefault || slice.flags.includes('not-warm')).toBe(true);
    }
  });

  it('begins with the gate, and reports on it', () => {
    const directory = join(root, 'json');
    expect(journalLines(directory, 'gate')).toMatchObject([{ failed: [], timed: false }]);
    const result = readGate(directory);
    expect(result?.quick).toBe(true);
    expect(result?.arms.map(({ arm }) => arm)).toEqual(['session-redis', 'jwt-hs256']);
    for (const { outcomes } of result?.arms ?? [])
      expect(outcomes.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(5);
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toContain('<h2 id="gate-title">Security checks</h2>');
  });

  it('writes no secret: its files contain no passwords, keys or credentials', async () => {
    const directory = join(root, 'json');
    for (const file of ['journal.jsonl', 'run.json', 'report.html', 'summary.md', 'figures.csv']) {
      const text = readFileSync(join(directory, file), 'utf8');
      expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+|PRIVATE KEY|\$argon2id\$|redis:\/\/:/);
    }
  });
});

describe('a run that is read again', () => {
  const report = (directory: string) => startBench(['report', directory], {}, root).ended;

  it('loses only the damaged line, and says which', async () => {
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

  it('is refused if it has another schema version', async () => {
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
