/** Comparisons of the cost of a request, from the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CompareReport } from '../../regression/compare/report.ts';
import { comparisons } from '../support/comparisons.ts';

const { clone, leftovers, run } = comparisons();
const makeSlower = () =>
  clone().patch(
    'servers/http/app.ts',
    'if (options.burnIterations !== undefined) installBurn(app, options.burnIterations);',
    // About the cost of a request to `none`, so that its cost doubles.
    'installBurn(app, 50_000);',
  );

it('reports `same` for identical commits, and leaves nothing behind', async () => {
  // A wide margin because the machine may be busy with other tests; `npm run aa` shows that 2 % is resolved.
  const { code, stdout } = await run(
    'compare',
    '--base',
    'HEAD',
    '--arms',
    'none',
    '--anyway',
    '--margin',
    '60',
    '--budget',
    '12s',
  );
  expect(stdout).toMatch(/same: no arm got slower/);
  expect(code).toBe(0);
  expect(leftovers()).toEqual([]);
  expect(clone().git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(clone().git('status', '--short')).toBe('');
});

it('fails for a slower hot path, names the arm, and writes reports for people and for CI', async () => {
  makeSlower();
  const [markdown, junit] = [join(clone().temporary, 'c.md'), join(clone().temporary, 'c.xml')];
  const { code, stdout } = await run(
    ...['compare', '--base', 'HEAD', '--arms', 'none', '--budget', '12s', '--json'],
    ...['--markdown', markdown, '--junit', junit],
  );
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as { regressions: { arm: string; metric: string }[]; head: { commit: null } };
  expect(report.regressions).toMatchObject([{ arm: 'none', metric: 'cpu_us_per_request' }]);
  expect(readFileSync(markdown, 'utf8')).toMatch(/something got slower[\s\S]*none: cpu\\_us\\_per\\_request is \d/);
  expect(readFileSync(junit, 'utf8')).toMatch(
    /failures="1"[\s\S]*classname="none" name="cpu_us_per_request"[^>]*><failure/,
  );
});

it('fails for objects that survive garbage collection, which a typical turn does not show', async () => {
  // Both allocate the same per request; the base releases the objects with the next one.
  const keeping = (requests: number) =>
    `const kept: object[] = [];
  let request = 0;
  app.addHook('onRequest', (_request, _reply, done) => {
    kept[request++ % ${requests}] = Array.from({ length: 300 }, () => ({}));
    done();
  });`;
  const burn = 'if (options.burnIterations !== undefined) installBurn(app, options.burnIterations);';
  clone().patch('servers/http/app.ts', burn, keeping(1));
  const base = clone().commit('Let go of it');
  clone().patch('servers/http/app.ts', keeping(1), keeping(2000));
  // It ends as soon as the result is clear, which takes longer beside other tests.
  const { code, stdout } = await run('compare', '--base', base, '--arms', 'none', '--budget', '75s', '--json');
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as CompareReport;
  const [cost] = report.arms[0]?.costs ?? [];
  expect(cost?.parts?.headGcUs).toBeGreaterThan(3 * (cost?.parts?.baseGcUs ?? Number.NaN));
  expect(cost?.judged.ratio.value).toBeGreaterThan(cost?.parts?.steady.ratio.value ?? Number.NaN);
});
