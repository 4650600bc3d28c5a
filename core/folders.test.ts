import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolders } from './folders.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes a folder with all its parents, and leaves an existing one alone', () => {
  const path = join(root, 'a', 'b', 'c');
  makeFolders(path, 0o700);
  makeFolders(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it.each(['/proc/no-such/folder', '/dev/null/results'])('refuses %s at once, by its name', (path) => {
  expect(() => makeFolders(path)).toThrow(`${path} cannot be written`);
});

it('refuses a path that is a file', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolders(join(root, 'file'))).toThrow(/file cannot be written \(it is a file\)/);
  expect(() => makeFolders(join(root, 'file', 'below'))).toThrow(/cannot be written/);
});
