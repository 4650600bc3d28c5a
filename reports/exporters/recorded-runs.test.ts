/**
 * Runs recorded by commit 9d9e10f, before the code was moved: the outputs from a journal must not change when the
 * code does. If a figure changes on purpose, because it was wrong, the commit that records it again names it.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../../core/results/journal.ts';
import { buildView } from '../view/view.ts';
import { csv } from './csv.ts';

const recorded = (name: string) =>
  gunzipSync(readFileSync(new URL(`../testing/recorded/${name}.gz`, import.meta.url))).toString();

it.each([
  ['a quick run', 'quick'],
  ['a short run of every experiment', 'every'],
  ['a short full run', 'full'],
  ['a run that was broken off', 'broken'],
])('makes the figures of %s from its journal as they were, byte for byte', (_what, name) => {
  const run = replay(readJournal(recorded(`${name}.journal.jsonl`)));
  const [file] = csv.render(buildView(run, null), []);
  const lines = String(file?.content).split('\n');
  expect(lines.length).toBeGreaterThan(100);
  expect(lines).toEqual(recorded(`${name}.figures.csv`).split('\n'));
});
