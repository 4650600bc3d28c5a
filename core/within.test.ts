import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeWithin, writeWithin } from './within.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-within-'));
  for (const name of ['run', 'elsewhere']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes a file with its folders, also where the run itself is named by a link', () => {
  symlinkSync(join(folder, 'run'), join(folder, 'latest'));
  const path = writeWithin(join(folder, 'latest'), 'charts/deep/a.svg', '<svg/>');
  expect(path).toBe(join(folder, 'latest/charts/deep/a.svg'));
  expect(readFileSync(join(folder, 'run/charts/deep/a.svg'), 'utf8')).toBe('<svg/>');
  removeWithin(join(folder, 'latest'), 'charts/deep/a.svg');
  expect(readdirSync(join(folder, 'run/charts/deep'))).toEqual([]);
});

it('neither writes nor removes files through a linked folder', () => {
  const [run, elsewhere] = [join(folder, 'run'), join(folder, 'elsewhere')];
  symlinkSync(elsewhere, join(run, 'charts'));
  symlinkSync(join(folder, 'missing'), join(run, 'histograms'));
  writeFileSync(join(elsewhere, 'theirs.svg'), '');
  const refusal = /charts cannot be written \(it is a link/;
  expect(() => writeWithin(run, 'charts/a.svg', '')).toThrow(refusal);
  expect(() => writeWithin(run, 'charts/deep/a.svg', '')).toThrow(refusal);
  expect(() => removeWithin(run, 'charts/theirs.svg')).toThrow(refusal);
  expect(() => writeWithin(run, 'histograms/a.hlog', '')).toThrow(/histograms cannot be written/);
  expect(readdirSync(elsewhere)).toEqual(['theirs.svg']);
  expect(existsSync(join(folder, 'missing'))).toBe(false);
});
