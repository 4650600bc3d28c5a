import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../cli/root.ts';

const MB = 2 ** 20;

it.runIf(existsSync('/proc/self/status'))('is not that of the parent process', () => {
  const held = Buffer.alloc(300 * MB, 1);
  const module = JSON.stringify(join(ROOT, 'bench/processes/peak-memory.ts'));
  const code = `import(${module}).then(({ ownPeakRssBytes }) => console.log(ownPeakRssBytes(), process.resourceUsage().maxRSS * 1024))`;
  const { stdout } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 30_000 });
  const [peak = Number.NaN, byGetrusage = Number.NaN] = stdout.trim().split(' ').map(Number);
  expect(byGetrusage).toBeGreaterThan(0.9 * held.length);
  expect(peak).toBeGreaterThan(10 * MB);
  expect(peak).toBeLessThan(0.7 * held.length);
});
