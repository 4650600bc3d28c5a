/** Limits on figures: checked for validity before a run, and against the figures after it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-limits-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bench = (...args: string[]) => startBench(['bench', ...args], {}, root).ended;
const TOLL = ['--arms', 'none', '--experiments', 'toll', '--budget', '1s', '--seed', '7'];

function configure(config: unknown): string[] {
  writeFileSync(join(root, 'limits.json'), JSON.stringify(config));
  return ['--config', 'limits.json'];
}

it('refuses all limits with unknown names before any load', async () => {
  const config = configure({
    thresholds: {
      '*': ['cpu_us_per_request{in_fligt=10} < 1', 'cpu_us_per_request{experiment=tol} < 1'],
      nnoe: ['cpu_us_per_requst < 1'],
    },
  });
  const { code, stderr } = await bench(...TOLL, ...config, '--out', 'refused', '--junit', 'no/folder.xml');
  expect(code).toBe(2);
  for (const meant of ['in_flight', 'toll', 'none', 'cpu_us_per_request']) {
    expect(stderr).toContain(`did you mean ${meant}?`);
  }
  expect(stderr).toMatch(/thresholds\.\*\.1/);
  expect(stderr).toMatch(/--junit: folder .* not found/);
  expect(existsSync(join(root, 'refused'))).toBe(false);
  expect(readdirSync(root)).toEqual(['limits.json']);
});

it('lists a limit without a measured figure, and fails with --strict', async () => {
  const config = configure({
    thresholds: { '*': ['redis_commands_per_request <= 0'], 'jwt-hs256': ['cpu_toll_us{in_flight=10} < 9999'] },
  });
  const strict = await bench(...TOLL, ...config, '--strict', '--out', 'strict');
  expect(strict.stderr).toMatch(/not checked: jwt-hs256: cpu_toll_us\{in_flight=10\} < 9999/);
  expect(strict.stderr).toMatch(/0 exceeded, 0 inconclusive, 1 not checked/);
  expect(strict.code).toBe(1);
  expect(strict.stderr).toMatch(/--budget 1 s is less than these experiments need/);

  // A complete run is only shown and judged again.
  const journal = readFileSync(join(root, 'strict', 'journal.jsonl'), 'utf8');
  const again = await bench('--resume', 'strict', ...config);
  expect(again.stderr).toMatch(/not checked: jwt-hs256/);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('Nothing is left to measure');
  expect(again.stderr).not.toContain('security checks');
  expect(readFileSync(join(root, 'strict', 'journal.jsonl'), 'utf8')).toBe(journal);
});
