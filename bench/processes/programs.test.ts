import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findChromium, findRedisServer, findSshd, findValgrind, findWrk } from './programs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return path;
}

it('finds no folder that has the name of a program, and nothing that may not be executed', () => {
  for (const name of ['redis-server', 'wrk', 'valgrind', 'vgdb', 'chromium']) mkdirSync(join(folder, name));
  expect(findRedisServer(folder)).toBeNull();
  expect(findWrk(folder)).toBeNull();
  expect(findValgrind(folder)).toBeNull();
  expect(findChromium({ CHROMIUM_PATH: join(folder, 'chromium') })).toBeNull();
  add('valkey-server', 0o644);
  expect(findRedisServer(folder)).toBeNull();
});

it('prefers redis-server to valkey-server, and gives absolute paths for a relative folder', () => {
  const valkey = add('valkey-server');
  expect(findRedisServer(relative(process.cwd(), folder))).toBe(valkey);
  const redis = add('redis-server');
  expect(findRedisServer(folder)).toBe(redis);
});

it('finds valgrind only where vgdb reads its counts', () => {
  const valgrind = add('valgrind');
  expect(findValgrind(folder)).toBeNull();
  add('vgdb');
  expect(findValgrind(folder)).toBe(valgrind);
});

it('lets CHROMIUM_PATH decide alone', () => {
  const chromium = add('chromium');
  expect(findChromium({ PATH: folder })).toBe(chromium);
  expect(findChromium({ PATH: folder, CHROMIUM_PATH: join(folder, 'none') })).toBeNull();
  expect(findChromium({ PATH: '', CHROMIUM_PATH: chromium })).toBe(chromium);
});

it('prefers an sshd on the PATH to that of the system', () => {
  const sshd = add('sshd');
  expect(findSshd(folder)).toBe(sshd);
});
