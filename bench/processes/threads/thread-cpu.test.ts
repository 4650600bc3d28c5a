import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { stretchBetween, stretchOfTree, threadCpu } from './thread-cpu.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/**
 * @param work code that uses at least 300 ms of CPU time
 *
 * @returns the CPU time, by the process's threads
 */
async function spentBy(work: string) {
  const code = `
    process.stdin.once('data', async () => { ${work}; setTimeout(() => console.log('done'), 20); });
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  stops.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const before = threadCpu(pid);
  child.stdin.write('go\n');
  await once(child.stdout, 'data');
  const after = threadCpu(pid);
  if (before === null || after === null) throw new Error('threads can be read here');
  const { mainNs, helpersNs } = stretchBetween(before, after);
  return { mainMs: mainNs / 1e6, helpersMs: helpersNs / 1e6 };
}

const BURN = 'const c = process.threadCpuUsage; const used = () => c().user + c().system; while (used() < 400000);';

describe('the CPU time of threads', () => {
  it('is attributed to the main thread if that works', async () => {
    const { mainMs, helpersMs } = await spentBy(BURN);
    expect(mainMs).toBeGreaterThan(250);
    expect(helpersMs).toBeLessThan(0.3 * mainMs);
  });

  it('is attributed to the helpers if another thread works', async () => {
    const worker = `new (require('node:worker_threads').Worker)(${JSON.stringify(`${BURN} require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1000);`)}, { eval: true })`;
    const { mainMs, helpersMs } = await spentBy(`await new Promise((done) => ${worker}.once('message', done))`);
    expect(helpersMs).toBeGreaterThan(300);
    expect(mainMs).toBeLessThan(0.5 * helpersMs);
  });

  it('is attributed to neither if libuv’s threads work for the program', async () => {
    const hash = "require('node:crypto').pbkdf2('a', 'b', 1000000, 32, 'sha256', done)";
    const { mainMs, helpersMs } = await spentBy(`await new Promise((done) => ${hash})`);
    expect(mainMs + helpersMs).toBeLessThan(150);
  });

  it('is null for a process that is gone', () => {
    expect(threadCpu(2 ** 22 + 1)).toBeNull();
  });

  it('counts a new worker from its start, and does not fall when the old one ends', () => {
    const master = { mainNs: 5, helpersNs: 1 };
    const before = new Map([
      [1, master],
      [2, { mainNs: 900, helpersNs: 300 }],
    ]);
    const after = new Map([
      [1, { mainNs: 7, helpersNs: 1 }],
      [3, { mainNs: 40, helpersNs: 4 }],
    ]);
    expect(stretchOfTree(before, after)).toEqual({ mainNs: 42, helpersNs: 4 });
  });

  it('does not fall when a thread ends', () => {
    expect(stretchBetween({ mainNs: 10, helpersNs: 50 }, { mainNs: 15, helpersNs: 20 })).toEqual({
      mainNs: 5,
      helpersNs: 0,
    });
  });
});
