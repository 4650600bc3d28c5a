import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { findOnPath } from './executables.ts';

it('finds programs by an absolute path, also in a folder that the path names relative to ours', () => {
  expect(findOnPath(['sh'], '/bin')).toBe('/bin/sh');
  expect(findOnPath(['sh'], relative(process.cwd(), '/bin'))).toBe('/bin/sh');
});

it('prefers an earlier name to an earlier folder, and finds nothing in no folder', () => {
  expect(findOnPath(['no-such-program', 'sh'], '/nowhere:/bin')).toBe('/bin/sh');
  expect(findOnPath(['sh'], ':')).toBeNull();
});
