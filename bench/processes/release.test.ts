import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RELEASE, waitForRelease } from './release.ts';

const start = (...parts: Parameters<typeof waitForRelease>): ChildProcessWithoutNullStreams =>
  spawn(...waitForRelease(...parts));

it('begins only when it is released, and reads the input that follows', async () => {
  const cat = start(['cat'], 'input');
  cat.stdin.write(RELEASE);
  cat.stdin.end('port 1\nbind 2\n');
  expect(await text(cat.stdout)).toBe('port 1\nbind 2\n');
});

it('is the program itself, with its arguments unchanged', async () => {
  const shell = start(['sh', '-c', 'echo $$ "$0" "$1"; cat', 'a b', "'$HOME'"]);
  shell.stdin.end(`${RELEASE}not read`);
  expect(await text(shell.stdout)).toBe(`${shell.pid} a b '$HOME'\n`);
});

it('ends without having begun if its parent is gone', async () => {
  const program = start(['sh', '-c', 'echo begun'], 'input');
  const closed = once(program, 'close');
  // As the kernel does when the parent is killed.
  program.stdin.destroy();
  expect(await text(program.stdout)).toBe('');
  const [code] = await closed;
  expect(code).not.toBe(0);
});
