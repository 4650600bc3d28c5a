import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeMutants } from './list.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-mutants-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('lists the mutants even if every Node process prints an extra line', async () => {
  const noisy = join(folder, 'noisy.cjs');
  writeFileSync(noisy, "process.stdout.write('[preload] started\\n');");
  vi.stubEnv('NODE_OPTIONS', `--require ${noisy}`);
  expect((await describeMutants()).length).toBeGreaterThan(100);
});
