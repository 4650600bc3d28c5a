/** Which packages an answer loads: loading them takes several times as long as finding the answer. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { KNOWN_PRICES } from '../../core/advise/testing/prices.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { writeRun } from '../../core/results/run-file.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');

/** Prints the loaded packages when the process ends. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
      if (name) packages.add(name);
      return next(url, context);
    },
  });
  process.on('exit', () => console.error('packages: ' + JSON.stringify([...packages])));
`)}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-advise-loads-'));
  writeRun(folder, knownRun());
  writeAtomically(join(folder, 'prices.json'), JSON.stringify(KNOWN_PRICES));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packagesOf(...more: readonly string[]): string[] {
  const args = ['--import', REPORT, CLI, 'advise', '--run', folder, '--users', '2e6', '--rps', '40000', ...more];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
  return JSON.parse(/^packages: (.*)$/m.exec(stderr)?.[1] ?? 'null');
}

test('an answer loads no package, and the parser of prices is loaded only if there are prices', () => {
  expect(packagesOf('--revoke-within', '5s', '--clients', 'browser,api')).toEqual([]);
  expect(packagesOf('--prices', join(folder, 'prices.json'))).toEqual(['typebox']);
});
