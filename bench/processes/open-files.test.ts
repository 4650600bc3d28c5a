import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { openFilesFault } from './open-files.ts';

const limits = (soft: string, hard: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             7                    7                    processes \nMax open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files     \n`;

it('refuses a limit that the run would exceed, and says how to raise it', () => {
  const fault = openFilesFault(limits('64', '64'));
  expect(fault?.message).toBe('this process may open only 64 files and sockets, and needs 1024');
  expect(fault?.hint).toContain('ulimit -n 4096');
  expect(fault?.exitCode).toBe(3);
});

it('accepts a sufficient limit, no limit, and a system that reports none', () => {
  for (const text of [limits('1024', '4096'), limits('unlimited', 'unlimited'), ''])
    expect(openFilesFault(text)).toBeNull();
});

it('is checked before the first process is started', () => {
  const start = `import('${import.meta.dirname}/janitor.ts').then(({ Janitor }) => Janitor.start()).catch((error) => console.log(error.message))`;
  const out = execFileSync('/bin/sh', ['-c', `ulimit -n 200; exec "$0" -e "$1"`, process.execPath, start]);
  expect(String(out)).toContain('may open only 200 files');
});
