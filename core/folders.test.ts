import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolders, removeEmpty } from './folders.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes a folder with all its parents, and leaves an existing one alone', () => {
  const path = join(root, 'a', 'b', 'c');
  makeFolders(path, 0o700);
  makeFolders(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it('returns the folders that it made, and removes only the empty ones', () => {
  const [outer, middle, inner] = ['x', 'x/y', 'x/y/z'].map((path) => join(root, path)) as [string, string, string];
  mkdirSync(outer);
  expect(makeFolders(inner)).toEqual([middle, inner]);
  expect(makeFolders(inner)).toEqual([]);
  writeFileSync(join(middle, 'file'), '');
  removeEmpty([outer, middle, inner]);
  expect([outer, middle, inner].map((path) => existsSync(path))).toEqual([true, true, false]);
});

it.each(['/proc/no-such/folder', '/dev/null/results'])('refuses %s at once, and names it', (path) => {
  expect(() => makeFolders(path)).toThrow(`${path} cannot be written`);
});

it('refuses a path that is a file', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolders(join(root, 'file'))).toThrow(/file cannot be written \(it is a file\)/);
  expect(() => makeFolders(join(root, 'file', 'below'))).toThrow(/cannot be written/);
});
