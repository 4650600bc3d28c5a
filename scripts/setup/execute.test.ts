import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './execute.ts';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-lock-test-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const locked = (signal: AbortSignal) => withLock(lock, signal, async () => existsSync(lock));

it('keeps a lock while it works, and takes over one whose owner is gone', async () => {
  const { signal } = new AbortController();
  expect(await locked(signal)).toBe(true);
  expect(existsSync(lock)).toBe(false);
  const ended = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  writeFileSync(lock, ended);
  expect(await locked(signal)).toBe(true);
  expect(existsSync(lock)).toBe(false);
});

it('neither waits for, follows nor removes files that another user may have put in its place', async () => {
  const { signal } = new AbortController();
  const target = join(folder, 'target');
  writeFileSync(target, String(process.pid));
  const makers = [
    () => execFileSync('mkfifo', [lock]),
    () => symlinkSync(target, lock),
    ...(process.getuid?.() === 0
      ? [
          () => {
            writeFileSync(lock, String(process.pid));
            chownSync(lock, 12_345, 12_345);
          },
        ]
      : []),
  ];
  for (const make of makers) {
    make();
    expect(await withLock(lock, signal, async () => 'done')).toBe('done');
    expect(lstatSync(lock, { throwIfNoEntry: false })).toBeDefined();
    rmSync(lock);
  }
});
