import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Janitor } from './janitor.ts';

const sleeper = (detached = true) => spawn('sleep', ['600'], { detached, stdio: 'ignore' });

it('ends what it watches, and ends at once whatever a start in progress brings after that', async () => {
  const janitor = await Janitor.start();
  const first = sleeper();
  janitor.watch(first);
  const ended = once(first, 'exit');
  await janitor.finish();
  expect((await ended)[1]).toBe('SIGKILL');

  const directory = mkdtempSync(join(tmpdir(), 'tollgate-late-'));
  janitor.watchDirectory(directory);
  expect(existsSync(directory)).toBe(false);
  for (const late of [sleeper(), sleeper(false)]) {
    const gone = once(late, 'exit');
    janitor.watch(late);
    expect((await gone)[1]).toBe('SIGKILL');
  }
});

it('never kills a process that has reused the number of an ended one', async () => {
  const janitor = await Janitor.start();
  const ended = spawn('true', { stdio: 'ignore' });
  await once(ended, 'exit');
  const another = sleeper();
  // As if the system had reused the number.
  Object.defineProperty(ended, 'pid', { value: another.pid });
  janitor.watch(ended);
  await janitor.finish();
  expect([another.exitCode, another.signalCode]).toEqual([null, null]);
  const gone = once(another, 'exit');
  another.kill('SIGKILL');
  await gone;
});
