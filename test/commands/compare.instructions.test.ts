/** Comparisons by instruction count, with a fake valgrind that runs its program and a fake vgdb that reports counts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CompareReport } from '../../regression/compare/report.ts';
import { descendants, stillAlive, until } from '../support/bench-process.ts';
import { comparisons } from '../support/comparisons.ts';
import { COUNT_FILE, fakeValgrind } from '../support/fakes/valgrind.ts';

const { clone, leftovers, startWith } = comparisons();
const ARGS = ['compare', '--base', 'HEAD', '--arms', 'none', '--anyway', '--guards-only', '--instructions'];

function withValgrind(...args: string[]) {
  const path = `${fakeValgrind(clone().temporary)}:${process.env.PATH}`;
  return startWith({ PATH: path }, ...ARGS, ...args);
}
/** Sets the instruction count of the working tree for a hundred requests. */
const executes = (count: number) => writeFileSync(join(clone().directory, COUNT_FILE), `${count}\n`);
function commits(count: number): void {
  executes(count);
  clone().commit(`Execute ${count}`);
}

it('fails if the instructions exceed the margin, and reports it to people and to CI', async () => {
  commits(40_000_000);
  executes(40_240_000);
  const [markdown, junit] = [join(clone().temporary, 'c.md'), join(clone().temporary, 'c.xml')];
  const files = ['--markdown', markdown, '--junit', junit];
  const red = await withValgrind('--json', ...files).ended;
  expect(red.code).toBe(1);
  const report = JSON.parse(red.stdout) as CompareReport;
  expect(report.arms[0]?.instructions).toEqual({ base: 400_000, head: 402_400, marginPct: 0.5, verdict: 'more' });
  expect(report.regressions).toMatchObject([{ arm: 'none', metric: 'instructions_per_request' }]);
  expect(readFileSync(markdown, 'utf8')).toContain('| none | instructions_per_request | 400,000 | 402,400 | more |');
  expect(readFileSync(junit, 'utf8')).toMatch(/name="instructions_per_request"[^>]*><failure/);

  const green = await withValgrind('--instructions-margin', '1').ended;
  expect(green.stdout).toMatch(/instructions_per_request +400,000 → 402,400 \(\+0\.60 %\) {2}margin 1 % {2}same/);
  expect(green.stdout).toMatch(/interpreted code: .* not what the JIT compiles/);
  expect(green.code).toBe(0);
  expect(leftovers()).toEqual([]);
});

it('says how to install valgrind if it is missing, before anything starts', async () => {
  const { code, stderr } = await startWith({ PATH: clone().temporary }, ...ARGS).ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/--instructions needs valgrind.*\n?.*npm run setup -- valgrind/);
  expect(leftovers()).toEqual([]);
});

it('refuses a margin for a cost that is not counted', async () => {
  const { code, stderr } = await startWith({}, 'compare', '--base', 'HEAD', '--instructions-margin', '1').ended;
  expect(code).toBe(2);
  expect(stderr).toContain('--instructions-margin needs --instructions');
});

it('names a build that valgrind cannot count', async () => {
  commits(41_000_000);
  writeFileSync(join(clone().directory, COUNT_FILE), 'none\n');
  const { code, stderr } = await withValgrind().ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/head \(the working tree\) does not run under valgrind: valgrind wrote no count/);
  expect(leftovers()).toEqual([]);
});

it('leaves no process and no folder after Ctrl-C', async () => {
  commits(42_000_000);
  const { child, ended } = withValgrind();
  const found = await until('its servers run under valgrind', () => {
    const all = descendants(child.pid ?? 0);
    return all.some(({ command }) => /--predictable.*replica\.ts/.test(command)) && all;
  });
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  await until('all is gone', () => stillAlive(found).length === 0 && leftovers().length === 0);
});
