import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { confine, confineAll, parseCpuList, pinnableCores, pinServers, separateCores, spread } from './cores.ts';

describe('cores', () => {
  it('reads the kernel’s list format', () => {
    expect(parseCpuList('0-2,5\n')).toEqual([0, 1, 2, 5]);
    expect(parseCpuList('3')).toEqual([3]);
    expect(parseCpuList('')).toEqual([]);
  });

  it('are sampled evenly if there are many', () => {
    expect(spread([0, 1, 2], 8)).toEqual([0, 1, 2]);
    expect(spread([...Array(64).keys()], 8)).toEqual([0, 8, 16, 24, 32, 40, 48, 56]);
  });

  it('are not pinnable without taskset', () => {
    expect(pinnableCores('/nowhere')).toEqual([]);
  });

  it('are separated if there are at least two', () => {
    expect(separateCores([0, 2, 5])).toEqual({ measuring: 5, measured: [0, 2] });
    expect(separateCores([0, 1])).toEqual({ measuring: 1, measured: [0] });
    expect(separateCores([3])).toBeNull();
    expect(separateCores([])).toBeNull();
  });

  it('are separated by kind: no slow cores, and no two threads of one core', () => {
    const hybrid = { kinds: [{ cores: [0, 1, 2, 3] }, { cores: [16, 17, 18, 19] }], siblings: [] };
    expect(separateCores([0, 1, 2, 3, 16, 17, 18, 19], hybrid)).toEqual({ measuring: 3, measured: [0, 1, 2] });
    const alone = { kinds: [{ cores: [7] }, { cores: [0, 1] }], siblings: [] };
    expect(separateCores([0, 1, 7], alone)).toEqual({ measuring: 1, measured: [0] });
    const threads = (siblings: number[][]) => ({ kinds: [{ cores: [0, 1, 2, 3] }], siblings });
    const pairs = [
      [0, 2],
      [1, 3],
    ];
    expect(separateCores([0, 1, 2, 3], threads(pairs))).toEqual({ measuring: 3, measured: [0, 2] });
    // Only two threads of one core are available.
    expect(separateCores([0, 1], { kinds: [{ cores: [0, 1] }], siblings: [[0, 1]] })).toEqual({
      measuring: 1,
      measured: [0],
    });
  });

  it('apply to a process that is confined to them', () => {
    const all = pinnableCores();
    const last = all.slice(-1);
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const allowed = () =>
      parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1] ?? '');
    expect(allowed()).toEqual(all);
    confine(child.pid ?? 0, last);
    expect(allowed()).toEqual(last);
    child.kill();
  });

  it('need not apply to a process that has ended, as a backend of a database may', () => {
    const all = pinnableCores();
    const gone = spawnSync('true').pid;
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const pid = child.pid ?? 0;
    expect(confineAll([gone, pid], all)).toBe(true);
    const [first = 0] = all;
    expect(pinServers({ servers: [pid], others: [gone] }, { measuring: first, measured: all })).toBe(true);
    // No machine has this core.
    expect(confineAll([pid], [99_999])).toBe(false);
    child.kill();
  });
});
