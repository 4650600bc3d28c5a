/** How a merge of recorded shards ends: interrupted, or refused. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shardOf } from '../../cli/journal/shard-of.ts';
import { readJournal, readJournalFile } from '../../core/results/journal.ts';
import type { Run } from '../../core/results/schema.ts';
import { startBench } from '../support/bench-process.ts';

const RECORDED = new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);
const COUNT = 3;

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-merge-ends-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FOLDERS = Array.from({ length: COUNT }, (_, i) => `s${i + 1}`);
const merge = (...args: string[]) => startBench(['merge', ...args], {}, root);
const at = (...path: string[]) => join(root, ...path);

beforeAll(() => {
  const all = readJournal(gunzipSync(readFileSync(RECORDED)).toString()).lines;
  // Figures of one experiment are enough for how a merge ends.
  const recorded = all.filter((line) => line.kind !== 'slice' || line.experiment === 'toll');
  for (const [i, folder] of FOLDERS.entries()) {
    mkdirSync(at(folder));
    const lines = [...shardOf(recorded, { index: i + 1, count: COUNT })];
    writeFileSync(at(folder, 'journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
});

/**
 * @param call of `node:fs`, in the main thread @param end of its last path
 * @returns the merge into `out`, interrupted as soon as that call has returned: a signal from here might come too late
 */
function interruptedAfter(call: 'mkdirSync' | 'renameSync', end: string, out: string) {
  const script = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { isMainThread } from 'node:worker_threads';
    const { ${call}: original } = fs;
    fs.${call} = (...args) => {
      const result = original(...args);
      const paths = args.filter((arg) => typeof arg === 'string');
      if (isMainThread && paths.at(-1)?.endsWith('${end}')) process.kill(process.pid, 'SIGINT');
      return result;
    };
    syncBuiltinESMExports();
  `;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
  return startBench(['merge', ...FOLDERS, '--out', out], { NODE_OPTIONS }, root).ended;
}

it('leaves no folder if it is interrupted before the journals are merged', async () => {
  expect((await interruptedAfter('mkdirSync', '/merging.tmp', 'early')).code).toBe(130);
  expect(existsSync(at('early'))).toBe(false);
});

it('keeps the merged journal if it is interrupted later, and says how to make the report', async () => {
  const { code, stderr } = await interruptedAfter('renameSync', '/late/journal.jsonl', 'late');
  expect([code, stderr]).toEqual([130, expect.stringContaining('npm run report -- late')]);
  expect(readJournalFile(at('late', 'journal.jsonl')).lines.at(-1)?.kind).toBe('run-ended');
  expect(readFileSync(at('late', 'shards.csv'), 'utf8')).toMatch(/^3,[^\n]*\r\n$/m);
  expect(readdirSync(at('late')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('keeps the merged journal if the report cannot be written, and does not offer to resume it', async () => {
  mkdirSync(at('blocked', 'run.json'), { recursive: true });
  const first = await merge(...FOLDERS, '--out', 'blocked').ended;
  expect([first.code, first.stderr]).toEqual([2, expect.stringContaining('npm run report -- blocked')]);
  expect(readJournalFile(at('blocked', 'journal.jsonl')).lines.at(-1)?.kind).toBe('run-ended');
  const second = await merge(...FOLDERS, '--out', 'blocked').ended;
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('npm run report -- blocked')]);
  expect(second.stderr).not.toContain('--resume');
});

it('names what is wrong with a folder before it makes one', async () => {
  for (const name of ['empty', 'gated']) cpSync(at('s3'), at(name), { recursive: true });
  writeFileSync(at('empty', 'journal.jsonl'), '');
  const empty = await merge('s1', 's2', 'empty', '--out', 'none').ended;
  expect([empty.code, empty.stderr]).toEqual([
    2,
    expect.stringMatching(/empty: its journal is empty; name the folder/),
  ]);
  writeFileSync(at('gated', 'gate.json'), '{');
  const gated = await merge('s1', 's2', 'gated', '--out', 'none').ended;
  expect([gated.code, gated.stderr]).toEqual([2, expect.stringMatching(/gate\.json is damaged.*remove it/s)]);
  expect(existsSync(at('none'))).toBe(false);
});

it('merges a folder once that was given twice, and tells which shard has a damaged line', async () => {
  cpSync(at('s2'), at('cut'), { recursive: true });
  appendFileSync(at('cut', 'journal.jsonl'), '{"kind":"slice","experiment":"toll","fo');
  const { code, stdout, stderr } = await merge('s1', 'cut', 's3', './s1', '--out', 'whole', '--json').ended;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^s1 was given 2 times\. It is merged once\.$/m)]);
  const run = JSON.parse(stdout) as Run;
  expect(run.complete).toBe(true);
  expect(run.shards?.map(({ damagedLines }) => damagedLines)).toEqual([0, 1, 0]);
  expect(run.notes).toContain('1 damaged line was left out, of shard 2.');
  expect(readdirSync(at('whole')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
