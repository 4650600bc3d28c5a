import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ProcessGroups } from './process-groups.ts';

const base = mkdtempSync(join(tmpdir(), 'tollgate-groups-'));
afterAll(() => rmSync(base, { recursive: true }));

it('moves a process before it lists its children, so that no child is missed', () => {
  const procs = (root: string) => join(root, 'process-7', 'cgroup.procs');
  const moved: string[] = [];
  const groups = new ProcessGroups(base, { watchGroup: () => {} }, (pid) => {
    moved.push(readFileSync(procs(groups.root), 'utf8'));
    return [pid, pid + 1];
  });
  groups.of(7);
  expect(moved).toEqual(['7']);
  // A plain file contains what was written last.
  expect(readFileSync(procs(groups.root), 'utf8')).toBe('8');
});
