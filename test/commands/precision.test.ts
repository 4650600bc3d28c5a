import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { descendants, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-precision-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('stops cleanly, leaves only its result, and marks it as incomplete', async () => {
  const { child, ended } = startBench(['precision', '--rows', 'start', '--only', 'head', '--json', '--out', root], {
    TMPDIR: root,
  });
  const pid = child.pid ?? 0;
  const replicas = () => descendants(pid).filter(({ command }) => command.includes('servers/process/replica.ts'));
  await until('a replica', () => replicas().length > 0);
  const started = descendants(pid);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  await until('the end of all processes', () => stillAlive(started).length === 0);
  const [file, ...others] = readdirSync(root);
  expect(others).toEqual([]);
  expect(file).toMatch(/^precision-.*\.json$/);
  const result = JSON.parse(readFileSync(join(root, file ?? ''), 'utf8'));
  expect(result).toEqual(JSON.parse(stdout));
  expect(result).toMatchObject({ complete: false, rows: [{ name: 'start', base: null }] });
});

it('refuses an unknown base commit before it starts anything', async () => {
  const { code, stderr } = await startBench(['precision', '--base', 'no-such-branch', '--out', root]).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('--base: "no-such-branch" is neither a folder nor a commit');
});
