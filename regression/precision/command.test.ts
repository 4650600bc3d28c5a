import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findRedisServer } from '../../bench/processes/programs.ts';
import { environmentWith, lastMessage } from './command.ts';

it('repeats the message of a failed command with its hint, instead of its last line', () => {
  const stderr = [
    'toll  start 1, block 2  00:10 left',
    'tollgate: a server cannot start: no port is free',
    '  correct what the message names, and run it again',
    '',
  ].join('\n');
  expect(lastMessage(stderr)).toBe(
    'a server cannot start: no port is free (correct what the message names, and run it again)',
  );
  expect(lastMessage('tollgate: first\n  advice\ntollgate: second\n')).toBe('second');
});

it('falls back to the last line of a command that died without a message', () => {
  expect(lastMessage('Fatal error\n  at somewhere\n')).toBe('at somewhere');
  expect(lastMessage('')).toBe('');
});

it('lets every build find another server as its Redis', () => {
  const directory = mkdtempSync(join(tmpdir(), "tollgate-test-precision's "));
  try {
    const path = join(directory, 'server');
    writeFileSync(path, '#!/bin/sh\necho "$$ $0" "$@"\n', { mode: 0o755 });
    const { PATH } = environmentWith({ path }, directory);
    const { pid, stdout } = spawnSync(findRedisServer(PATH) ?? '', ['-', 'two words'], { encoding: 'utf8' });
    // The started process is the server itself: its CPU time is read by that pid.
    expect(stdout).toBe(`${pid} ${path} - two words\n`);
    // Everything else is found as before.
    expect(PATH?.endsWith(process.env.PATH ?? '')).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
