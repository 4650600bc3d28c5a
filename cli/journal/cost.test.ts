import { expect, it } from 'vitest';
import { costOf, costOfNode } from './cost.ts';

const { signal } = new AbortController();

it('reports the CPU time and the peak memory of a command, as read in its process', async () => {
  const { cpuSeconds, peakRssBytes } = await costOf(['help'], signal);
  expect(cpuSeconds).toBeGreaterThan(0.01);
  expect(cpuSeconds).toBeLessThan(60);
  // A Node process takes some 40 MB.
  expect(peakRssBytes).toBeGreaterThan(20 * 2 ** 20);
});

it('fails with the command’s error, or with the reason of the signal', async () => {
  await expect(costOf(['repotr'], signal)).rejects.toThrow('repotr failed: tollgate: unknown command "repotr"');
  await expect(costOf(['help'], AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C');
});

it('names the error of a script that throws, not the line of its code', async () => {
  const code = 'export {};\nthrow new RangeError(`out of range`)';
  const script = `data:text/javascript,${encodeURIComponent(code)}`;
  const failing = costOfNode(['--import', script, '-e', '0'], 'the report', signal);
  await expect(failing).rejects.toThrow('the report failed: RangeError: out of range');
});
