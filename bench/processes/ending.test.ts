import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { killGroup } from './ending.ts';

it('kills a process group, and ignores one that has already ended', async () => {
  const waits = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  await once(waits, 'spawn');
  const gone = once(waits, 'exit');
  killGroup(waits);
  expect(await gone).toEqual([null, 'SIGKILL']);
  killGroup(waits);
  killGroup({ pid: undefined });
});
