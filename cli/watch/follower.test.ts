import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { JournalLine } from '../../core/results/schema.ts';
import { JournalFollower, type Look } from './follower.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-follower-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let path = '';
beforeEach(() => {
  path = join(root, `${count++}.jsonl`);
});

const note = (text: string) => `${JSON.stringify({ kind: 'note', text })}\n`;
const textsIn = ({ lines }: Look) => lines.map((line: JournalLine) => (line.kind === 'note' ? line.text : line.kind));

/** Polls until there is no more to read. */
function readAll(follower: JournalFollower): { readonly texts: string[]; readonly damaged: number } {
  const texts: string[] = [];
  let damaged = 0;
  for (;;) {
    const look = follower.look();
    texts.push(...textsIn(look));
    damaged += look.damaged;
    if (!look.hasMore) return { texts, damaged };
  }
}

test('each poll reads what was added, and a line only once it is complete', () => {
  const follower = new JournalFollower(path);
  expect(follower.look()).toMatchObject({ state: 'absent', lines: [] });
  writeFileSync(path, note('one') + note('two').slice(0, 12));
  expect(textsIn(follower.look())).toEqual(['one']);
  expect(textsIn(follower.look())).toEqual([]);
  appendFileSync(path, note('two').slice(12) + note('three'));
  const look = follower.look();
  expect(textsIn(look)).toEqual(['two', 'three']);
  expect(look).toMatchObject({ isNew: false, damaged: 0 });
});

test('a line that a crash cut off is damaged, and lines of the resumed run are read', () => {
  const follower = new JournalFollower(path);
  writeFileSync(path, note('one') + note('cut off').slice(0, 10));
  readAll(follower);
  // Like JournalWriter, it ends the line first.
  appendFileSync(path, `\n${note('two')}`);
  expect(readAll(follower)).toEqual({ texts: ['two'], damaged: 1 });
});

test('a character split between two polls, and a line longer than one chunk, arrive intact', () => {
  const follower = new JournalFollower(path);
  const bytes = Buffer.from(note('µ'));
  writeFileSync(path, bytes.subarray(0, 24));
  readAll(follower);
  const long = 'µ'.repeat(400_000);
  appendFileSync(path, Buffer.concat([bytes.subarray(24), Buffer.from(note(long))]));
  expect(readAll(follower).texts).toEqual(['µ', long]);
});

test('a replaced or shortened journal is read from the start', () => {
  const follower = new JournalFollower(path);
  writeFileSync(path, note('old') + note('older'));
  readAll(follower);
  writeFileSync(`${path}.new`, note('a') + note('b') + note('c') + note('d'));
  renameSync(`${path}.new`, path);
  const replaced = follower.look();
  expect({ isNew: replaced.isNew, texts: textsIn(replaced) }).toEqual({ isNew: true, texts: ['a', 'b', 'c', 'd'] });
  truncateSync(path, 0);
  appendFileSync(path, note('e'));
  expect(textsIn(follower.look())).toEqual(['e']);
  rmSync(path);
  expect(follower.look()).toMatchObject({ state: 'absent', isNew: true });
});

test('an endless line is skipped, and not kept in memory', () => {
  const follower = new JournalFollower(path);
  writeFileSync(path, `"${'x'.repeat(17 << 20)}"\n${note('after')}`);
  expect(readAll(follower)).toEqual({ texts: ['after'], damaged: 1 });
});

test('a link is not followed, and a journal of another version is not read', () => {
  writeFileSync(`${path}.secret`, note('secret'));
  symlinkSync(`${path}.secret`, path);
  expect(new JournalFollower(path).look()).toMatchObject({ state: 'unreadable', reason: 'the journal is a link' });
  rmSync(path);
  writeFileSync(path, `${JSON.stringify({ kind: 'run', schemaVersion: 99 })}\n`);
  const look = new JournalFollower(path).look();
  expect(look).toMatchObject({ state: 'unreadable', reason: expect.stringContaining('schema version 99') });
});
