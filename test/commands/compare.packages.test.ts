/** Versions of a dependency: invalid requests are refused before anything is installed or started. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { comparisons } from '../support/comparisons.ts';

const { clone, leftovers, run, startWith } = comparisons();

it('reports all errors at once: not a dependency, and a version that does not exist', async () => {
  const bin = join(clone().temporary, 'bin');
  mkdirSync(bin);
  // A registry that has only the first version.
  writeFileSync(
    join(bin, 'npm'),
    '#!/bin/sh\ncase "$2" in *@6.3.5) echo \'"6.3.5"\' ;; *) echo "npm error code E404" >&2; exit 1 ;; esac\n',
  );
  chmodSync(join(bin, 'npm'), 0o755);
  const { code, stderr } = await startWith(
    { PATH: `${bin}:${process.env.PATH}` },
    ...['compare', '--package', 'fast-jwt@6.3.5', 'fast-jwt@6.99.0', '--package', 'left-pad@1.0.0', 'left-pad@1.0.1'],
  ).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/left-pad is not a dependency in package\.json/);
  expect(stderr).toMatch(/fast-jwt has no version 6\.99\.0/);
  expect(stderr).not.toMatch(/6\.3\.5/);
  expect(leftovers()).toEqual([]);
});

it('refuses flags for another base, a single version and a version range', async () => {
  const { code, stderr } = await run('compare', '--package', 'fast-jwt@1.0.0', 'fast-jwt@^2', '--base', 'HEAD');
  expect(code).toBe(2);
  expect(stderr).toMatch(/--base cannot be combined with --package/);
  expect(stderr).toMatch(/"\^2" must be exact/);
  const half = await run('compare', '--node', '26.9.0');
  expect(half.stderr).toMatch(/--node needs two values: --node A B/);
  expect(half.stderr).not.toMatch(/--base is missing/);
});
