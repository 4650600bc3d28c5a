import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { commandLineOf, HEAD } from './base.ts';

function buildWith(...files: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-base-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'cli'));
  for (const file of files) writeFileSync(join(directory, file), '');
  return { label: 'base (v1)', directory, execPath: process.execPath };
}

it('starts a build as its own npm scripts do', () => {
  expect(commandLineOf(HEAD)).toBe(join(HEAD.directory, 'cli/start.js'));
  const older = buildWith('cli/main.ts');
  expect(commandLineOf(older)).toBe(join(older.directory, 'cli/main.ts'));
});

it('refuses a build from before the command line', () => {
  expect(() => commandLineOf(buildWith())).toThrow('base (v1) is too old to read these journals');
});
