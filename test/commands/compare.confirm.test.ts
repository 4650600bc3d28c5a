/** A second job repeats the failing measurements of the first one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CompareReport } from '../../regression/compare/report.ts';
import { comparisons } from '../support/comparisons.ts';

const { askTwice, clone, leftovers, run } = comparisons();
const LEAN = ['--arms', 'session-redis-lean', '--guards-only'];

it('confirms a failed job from its file, and refuses another build or a lost security check', async () => {
  askTwice();
  const first = await run('compare', '--base', 'HEAD', ...LEAN, '--json', '--no-confirm');
  expect(first.code).toBe(1);
  const file = join(clone().temporary, 'first.json');
  writeFileSync(file, first.stdout);

  const junit = join(clone().temporary, 'confirm.xml');
  const again = await run('compare', '--confirm-of', file, '--json', '--junit', junit);
  expect(again.code, again.stderr).toBe(1);
  const { confirmation } = JSON.parse(again.stdout) as CompareReport;
  expect(confirmation).toMatchObject({
    fromFile: true,
    findings: expect.arrayContaining([
      expect.objectContaining({ question: 'redis_commands_per_request', kind: 'count', outcome: 'confirmed' }),
    ]),
  });
  expect(readFileSync(junit, 'utf8')).toMatch(/name="redis_commands_per_request"[^>]*><failure/);

  const report = JSON.parse(first.stdout) as CompareReport;
  const faults = [{ check: 5 }];
  writeFileSync(file, JSON.stringify({ ...report, security: [{ arm: 'session-redis-lean', faults }] }));
  const lost = await run('compare', '--confirm-of', file);
  expect(lost).toMatchObject({ code: 2, stderr: expect.stringMatching(/lost security checks of session-redis-lean/) });

  writeFileSync(file, JSON.stringify({ ...report, confirmation: {} }));
  expect((await run('compare', '--confirm-of', file)).stderr).toMatch(/was already measured twice/);

  writeFileSync(file, first.stdout);
  clone().git('reset', '--quiet', '--hard');
  const other = await run('compare', '--confirm-of', file);
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/head \(the working tree\).*differs from the first/),
  });
  const wrong = await run('compare', '--confirm-of', file, '--arms', 'none', '--confirm', '--no-confirm');
  expect(wrong.stderr).toMatch(/omit --arms[\s\S]*omit --confirm/);
  expect(leftovers()).toEqual([]);
});
