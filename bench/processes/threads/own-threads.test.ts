import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { ownThreadCpu } from './own-threads.ts';

function burnFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it('is up to date, although a tick is longer than the measured time', () => {
  // By the thread's own account, most readings a millisecond apart would be equal.
  let unchanged = 0;
  for (let i = 0; i < 50; i++) {
    const before = ownThreadCpu().mainNs;
    burnFor(1);
    if (ownThreadCpu().mainNs === before) unchanged++;
  }
  expect(unchanged).toBeLessThan(10);
});

it('distinguishes this thread from the others', async () => {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const spent = () => process.threadCpuUsage().user + process.threadCpuUsage().system;
    const before = spent();
    while (spent() - before < 200000);
    parentPort.postMessage(spent() - before);`;
  const before = ownThreadCpu();
  const worker = new Worker(code, { eval: true });
  const [burntUs] = await new Promise<[number]>((resolve) => worker.once('message', (us) => resolve([us])));
  const after = ownThreadCpu();
  await worker.terminate();
  expect(after.helpersNs - before.helpersNs).toBeGreaterThan(0.9 * 1000 * burntUs);
  // This thread slept meanwhile, apart from starting a worker.
  expect(after.mainNs - before.mainNs).toBeLessThan(after.helpersNs - before.helpersNs);
});
