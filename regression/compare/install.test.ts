import { expect, it } from 'vitest';
import { firstFault, lockName } from './install.ts';

const lock = (root: object, packages: object) => JSON.stringify({ name: 'x', packages: { '': root, ...packages } });

it('takes lock files for equal that ask for the same, whatever the project is called', () => {
  const packages = { 'node_modules/a': { version: '1.0.0' } };
  const dependencies = { a: '1.0.0' };
  const name = lockName(lock({ name: 'x', version: '1', dependencies }, packages));
  expect(lockName(lock({ name: 'y', version: '2', dependencies }, packages))).toBe(name);
  expect(lockName(lock({ dependencies }, { 'node_modules/a': { version: '1.0.1' } }))).not.toBe(name);
  expect(lockName(lock({ dependencies: {} }, packages))).not.toBe(name);
  expect(() => lockName('{}')).toThrow(/holds no packages/);
});

it('finds the line of npm’s output that says what is wrong', () => {
  const output = 'npm error code ENOENT\nnpm error syscall open\nnpm error ENOENT: no such file\nnpm error path /x\n';
  expect(firstFault(output)).toBe('ENOENT: no such file');
  expect(firstFault('npm error code E404\n')).toBeNull();
});
