import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.ts';
import { aa } from './aa.ts';
import { calibrate } from './calibrate.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-places-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('a place that cannot be written is refused before the measurement that would be lost', async () => {
  writeFileSync(join(root, 'file'), '');
  const below = join(root, 'file', 'below');
  expect(await refusalOf(calibrate, '--out', '/proc/tollgate')).toMatch(/^\/proc\/tollgate cannot be written/);
  expect(await refusalOf(calibrate, '--out', below)).toContain(`${below} cannot be written`);
  expect(await refusalOf(aa, '--keep', below)).toBe(
    `--keep: ${join(root, 'file')} is a file, not a folder: choose another file`,
  );
  expect(await refusalOf(aa, '--keep', '/proc/sys/aa.jsonl')).toMatch(/^--keep: \/proc\/sys cannot be written/);
  expect(await refusalOf(aa, '--keep', '/dev/null')).toContain('not a plain file');
  expect(await refusalOf(calibrate, '--out', '/proc/sys')).toMatch(/^\/proc\/sys cannot be written/);
  expect(await refusalOf(aa, '--keep', root)).toBe(`--keep: ${root} is a folder`);
  expect(await refusalOf(aa, '--compare', '--rates', join(below, 'rates.json'))).toContain('cannot be written');
});

it('saved rates that are damaged are named before the comparisons, not after', async () => {
  const damaged = join(root, 'rates.json');
  writeFileSync(damaged, '{');
  expect(await refusalOf(aa, '--compare', '--rates', damaged)).toContain('damaged');
});

it('an interrupted measurement leaves no folder that was made for it', async () => {
  expect(await refusalOf(calibrate, '--out', join(root, 'new', 'deeper'))).toBe('interrupted');
  expect(existsSync(join(root, 'new'))).toBe(false);
});
