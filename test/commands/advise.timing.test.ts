/** How much CPU time an answer takes, from a run as large as a full one. Time on the clock would be that of the machine. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { writeRun } from '../../core/results/run-file.ts';
import { median } from '../../core/stats/location.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');
const LONGEST_MS = 300;
/** As many as a full run of every experiment has. */
const FIGURES = 4500;

const REPORT = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error('cpu', (user + system) / 1000); });",
)}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-advise-timing-'));
  const run = knownRun();
  const more = Array.from({ length: FIGURES - run.figures.length }, (_, index) => ({
    ...run.figures[index % run.figures.length],
    experiment: 'latency',
    factors: { load_pct: index, quantile: 'p50', timing: 'service' },
  }));
  writeRun(folder, { ...run, figures: [...run.figures, ...more] as typeof run.figures });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an answer from a full run takes at most 0.3 s of CPU time', () => {
  const once = () => {
    const args = [
      '--import',
      REPORT,
      CLI,
      'advise',
      '--run',
      folder,
      '--users',
      '2e6',
      '--rps',
      '40000',
      '--revoke-within',
      '5s',
      '--clients',
      'browser,api',
    ];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    return Number(/^cpu ([\d.]+)$/m.exec(stderr)?.[1]);
  };
  // The first fills the compile cache, as the first command of a checkout does.
  once();
  expect(median([once(), once(), once(), once(), once()])).toBeLessThan(LONGEST_MS);
});
