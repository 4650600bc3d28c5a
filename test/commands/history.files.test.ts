/** The history on a branch in several files, none of which is too large for a host of repositories. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { branchStore, type HistoryStore } from '../../regression/history/store.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-history-files-'));
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
beforeAll(() => {
  git('init', '--quiet');
  for (const [name, value] of [
    ['name', 't'],
    ['email', 't@example.org'],
  ] as const)
    git('config', `user.${name}`, value);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Its lines as text, from a byte of the whole. */
async function linesOf(store: HistoryStore, from?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of store.lines(from)) lines.push(line.toString());
  return lines;
}

const sizes = (branch: string) =>
  git('ls-tree', '-l', branch)
    .trim()
    .split('\n')
    .map((entry) => /(\d+)\t(.*)$/.exec(entry)?.slice(1).toReversed());

it('begins a file when the last one is full, and reads all of them in order', async () => {
  const store = branchStore(root, 'kept', 25);
  const lines = Array.from({ length: 6 }, (_, i) => `line-${i}-1234`);
  for (const line of lines) await store.append(`${line}\n`, 'add');
  expect(sizes('kept')).toEqual([
    ['history-0002.jsonl', '24'],
    ['history-0003.jsonl', '24'],
    ['history.jsonl', '24'],
  ]);
  expect(await linesOf(store)).toEqual(lines);
  // A place in the whole history is one whatever the files are.
  expect(await linesOf(store, 3 * 12)).toEqual(lines.slice(3));
  // A line that is longer than a file may be has one to itself, and other files stay as they are.
  await store.append(`${'x'.repeat(40)}\n`, 'add');
  await store.publish?.('index.html', 'page', 'publish');
  await store.append('after\n', 'add');
  expect(sizes('kept').map((entry) => entry?.[0])).toEqual([
    'history-0002.jsonl',
    'history-0003.jsonl',
    'history-0004.jsonl',
    'history-0005.jsonl',
    'history.jsonl',
    'index.html',
  ]);
  expect(await linesOf(store)).toEqual([...lines, 'x'.repeat(40), 'after']);
});

it('continues an old history of one large file, even one that was cut off within a line', async () => {
  const given = (args: string[], input: string) =>
    execFileSync('git', args, { cwd: root, input, encoding: 'utf8' }).trim();
  const blob = given(['hash-object', '-w', '--stdin'], `${'old\n'.repeat(20)}cut`);
  const tree = given(['mktree'], `100644 blob ${blob}\thistory.jsonl\n`);
  given(['update-ref', 'refs/heads/old', given(['commit-tree', tree, '-m', 'old'], '')], '');
  const store = branchStore(root, 'old', 25);
  await store.append('new\n', 'add');
  await store.append('newer\n', 'add');
  expect(git('rev-parse', 'old:history.jsonl').trim()).toBe(blob);
  expect(await linesOf(store)).toEqual([...Array(20).fill('old'), 'cut', 'new', 'newer']);
  expect(await linesOf(store, 20 * 4 + 'cut\n'.length)).toEqual(['new', 'newer']);
});

it('keeps the lines of writers that begin a file at the same time', async () => {
  const lines = Array.from({ length: 5 }, (_, i) => `writer-${i}`);
  await branchStore(root, 'many', 10).append('first\n', 'add');
  await Promise.all(lines.map((line) => branchStore(root, 'many', 10).append(`${line}\n`, 'add')));
  expect((await linesOf(branchStore(root, 'many'))).toSorted()).toEqual(['first', ...lines]);
});
