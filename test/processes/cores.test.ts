/** How our processes determine their cores if these are limited: by taskset, by a quota, or by a /proc that hides processes. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { pinnableCores } from '../../bench/processes/cores.ts';
import { ProcessTrees } from '../../bench/processes/groups/cgroups.ts';
import { readUsableCores } from '../../bench/processes/usable-cores.ts';

const MODULE = fileURLToPath(new URL('../../bench/processes/usable-cores.ts', import.meta.url));
const PROGRAM = `import { readUsableCores } from ${JSON.stringify(MODULE)};
console.log(JSON.stringify(readUsableCores()));`;
const NODE = [process.execPath, '--input-type=module', '--eval', PROGRAM];

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

async function output(command: string, args: readonly string[]): Promise<unknown> {
  return JSON.parse((await promisify(execFile)(command, [...args])).stdout);
}

it('counts one core under taskset', async () => {
  const [core] = pinnableCores();
  expect(core).toBeDefined();
  const found = await output('taskset', ['-c', `${core}`, ...NODE]);
  expect(found).toMatchObject({ count: 1, cores: [core], usable: Math.min(1, readUsableCores().quota ?? 1) });
});

it('counts half a core in a group with that limit, and in its child groups', async () => {
  const own = new ProcessTrees('self').version1('cpu');
  const outer = own === null ? '' : join(own.path, `tollgate-test-${process.pid}`);
  try {
    mkdirSync(outer);
    closers.push(() => rmdirSync(outer));
    writeFileSync(join(outer, 'cpu.cfs_quota_us'), '50000');
  } catch {
    // Version 1 cannot be written here: usable-cores.test.ts uses fixtures instead.
    expect(existsSync(join(outer, 'cpu.cfs_quota_us'))).toBe(false);
    return;
  }
  const inner = join(outer, 'inner');
  mkdirSync(inner);
  closers.push(() => rmdirSync(inner));
  for (const group of [outer, inner]) {
    const shell = `echo $$ > ${group}/cgroup.procs && exec "$@"`;
    const found = await output('/bin/sh', ['-c', shell, 'sh', ...NODE]);
    expect(found).toMatchObject({ count: readUsableCores().count, quota: 0.5, usable: 0.5 });
  }
});

it('has no CPU time of processes that /proc hides, and invents none', () => {
  const cpu = fileURLToPath(new URL('../../bench/processes/cpu.ts', import.meta.url));
  const program = `import { cpuNanos } from ${JSON.stringify(cpu)};
process.setgroups([65534]); process.setgid(65534); process.setuid(65534);
console.log(JSON.stringify([cpuNanos(process.pid) !== null, cpuNanos(${process.pid})]));`;
  // In a separate mount namespace, so that no other process is affected.
  const hidden = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"';
  const words = ['--mount', '/bin/sh', '-c', hidden, 'sh', process.execPath, '--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
  if (status !== 0) {
    // Only root may mount.
    expect(stderr).toMatch(/permitted|permission|denied|must be superuser|EPERM/i);
    return;
  }
  expect(JSON.parse(stdout)).toEqual([true, null]);
});
