import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'names.ts');
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function check(folder?: string) {
  return spawnSync(process.execPath, folder === undefined ? [SCRIPT] : [SCRIPT, folder], { encoding: 'utf8' });
}

function planted(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-names-'));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return check(folder);
}

it('finds no arm names in the code that measures and reports', () => {
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

it('fails on an inserted name, with file and line', () => {
  const { status, stderr } = planted({
    'bench/one.ts': "/** Of session-redis. */\nconst arm = 'session-redis';\n",
    'core/two.ts': 'const label = `jwt-hs256-lean, and more`;\n',
    'reports/deep/er/three.ts': "if (figure.arm !== 'none-aa') count++;\n",
    'regression/four.ts':
      "const arms = ['hybrid'];\nexport const first = run.arms.find(({ name }) => name === 'none');\n",
  });
  expect(status).toBe(1);
  expect(stderr.split('\n').slice(0, -2)).toEqual([
    'bench/one.ts:2 names the arm session-redis',
    'core/two.ts:1 names the arm jwt-hs256-lean',
    'regression/four.ts:1 names the arm hybrid',
    'regression/four.ts:2 names the arm none',
    'reports/deep/er/three.ts:1 names the arm none-aa',
  ]);
});

it('ignores names in tests and comments, and ordinary words', () => {
  const { status, stderr } = planted({
    'bench/one.test.ts': "const arm = 'session-redis';\n",
    'bench/testing/arms.ts': "export const ARM = 'jwt-hs256';\n",
    'bench/two.ts':
      "const state = 'none';\nconst count = 1; // Of session-redis.\nconst my = 'my-session-redis-lean-2';\n",
  });
  expect([status, stderr]).toEqual([0, '']);
});
