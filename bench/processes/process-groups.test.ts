import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { ProcessGroups } from './process-groups.ts';

/** What is asked whenever the processes below another are listed. */
const listing = vi.hoisted(() => ({ begin: (_pid: number) => {} }));
vi.mock('./trees/process-tree.ts', () => ({
  processTree: (pid: number) => {
    listing.begin(pid);
    return [pid, pid + 1];
  },
}));

const base = mkdtempSync(join(tmpdir(), 'tollgate-groups-'));
afterAll(() => rmSync(base, { recursive: true }));

it('moves a process before it lists what that has started, so that nothing falls in between', () => {
  const groups = new ProcessGroups(base, { watchGroup: () => {} });
  const procs = join(groups.root, 'process-7', 'cgroup.procs');
  let moved: string | null = null;
  listing.begin = () => {
    moved = existsSync(procs) ? readFileSync(procs, 'utf8') : null;
  };
  groups.of(7);
  expect(moved).toBe('7');
  // A plain file holds what was written last.
  expect(readFileSync(procs, 'utf8')).toBe('8');
});
