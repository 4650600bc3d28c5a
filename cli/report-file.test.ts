import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkWritable } from './report-file.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-report-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function faultsOf(path: string): string[] {
  const faults: string[] = [];
  checkWritable('junit', path, faults);
  return faults;
}

it('a file that can be written has no fault, and nothing is left of the trial', () => {
  writeFileSync(join(root, 'there.xml'), '');
  expect(faultsOf(join(root, 'new.xml'))).toEqual([]);
  expect(faultsOf(join(root, 'there.xml'))).toEqual([]);
  expect(readdirSync(root)).toEqual(['there.xml']);
});

it('a device or a pipe needs no folder that can be written', () => {
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(faultsOf(join(root, 'pipe'))).toEqual([]);
  expect(faultsOf('/proc/self/oom_score_adj')).toHaveLength(1);
  expect(faultsOf('/dev/null')).toEqual([]);
});

it('what would fail at the end of a run is named before it', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(faultsOf(root)).toEqual([`--junit: ${root} is a folder`]);
  expect(faultsOf(join(root, 'no', 'new.xml'))).toEqual([
    `--junit: folder ${join(root, 'no')} not found: create it first, or choose another file`,
  ]);
  expect(faultsOf(join(file, 'new.xml'))).toEqual([`--junit: ${file} is a file, not a folder: choose another file`]);
  // Root may write everywhere by its permissions.
  expect(faultsOf('/proc/sys/new.xml')).toEqual([expect.stringMatching(/^--junit: \/proc\/sys cannot be written/)]);
  expect(faultsOf(join(root, 'n'.repeat(300)))).toEqual([expect.stringMatching(/^--junit: .*ENAMETOOLONG/)]);
});
