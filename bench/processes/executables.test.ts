import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { findOnPath } from './executables.ts';

it('returns an absolute path, even for a folder of the PATH that is relative', () => {
  expect(findOnPath(['sh'], '/bin')).toBe('/bin/sh');
  expect(findOnPath(['sh'], relative(process.cwd(), '/bin'))).toBe('/bin/sh');
});

it('prefers an earlier name to an earlier folder, and finds nothing in an empty PATH', () => {
  expect(findOnPath(['no-such-program', 'sh'], '/nowhere:/bin')).toBe('/bin/sh');
  expect(findOnPath(['sh'], ':')).toBeNull();
});
