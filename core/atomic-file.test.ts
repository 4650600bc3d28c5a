import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unwritable, writeAtomically } from './atomic-file.ts';
import { EXIT } from './errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes a new file, replaces an old one, and leaves no temporary file', () => {
  const path = join(folder, 'a.txt');
  writeAtomically(path, 'one');
  writeAtomically(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

it('sets exactly the permissions asked for, also on a file that was readable before', () => {
  const path = join(folder, 'key');
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  writeAtomically(path, 'new', { mode: 0o600 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('replaces a link, and does not write through it', () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'kept');
  symlinkSync(elsewhere, join(folder, 'link'));
  writeAtomically(join(folder, 'link'), 'new');
  expect(readFileSync(elsewhere, 'utf8')).toBe('kept');
});

it('keeps the old file and names the path if it cannot write', () => {
  mkdirSync(join(folder, 'taken'));
  expect(() => writeAtomically(join(folder, 'taken'), 'x')).toThrow(/taken cannot be written/);
  expect(() => writeAtomically(join(folder, 'no', 'file'), 'x')).toThrow(/no.file cannot be written \(ENOENT/);
  expect(readdirSync(folder)).toEqual(['taken']);
});

it('names a full disk as the reason', () => {
  const full = unwritable('run.json', Object.assign(new Error('write'), { code: 'ENOSPC' }));
  expect(full.message).toBe('run.json cannot be written: no space left (ENOSPC)');
  expect(full.exitCode).toBe(EXIT.environment);
  expect(full.hint).toContain('free some space');
});
