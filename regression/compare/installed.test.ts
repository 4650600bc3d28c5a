import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pinnedNode, staleness } from './installed.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-installed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, value: unknown): void {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, JSON.stringify(value));
}
const lock = (packages: Record<string, unknown>) => write('package-lock.json', { packages: { '': {}, ...packages } });
const install = (name: string, version: string) => write(`node_modules/${name}/package.json`, { name, version });

it('accepts the packages of the lock file', () => {
  lock({
    'node_modules/@a/b': { version: '1.0.0' },
    'node_modules/@a/b/node_modules/c': { version: '2.0.0' },
    'node_modules/for-another-platform': { version: '1.0.0', optional: true },
    'node_modules/linked': { resolved: 'packages/linked', link: true },
    'packages/linked': { version: '3.0.0' },
  });
  install('@a/b', '1.0.0');
  install('@a/b/node_modules/c', '2.0.0');
  expect(staleness(folder)).toBeNull();
});

it('names a package of another version, and a missing one', () => {
  lock({ 'node_modules/@a/b': { version: '1.0.1' } });
  install('@a/b', '1.0.0');
  expect(staleness(folder)).toBe('@a/b 1.0.0 is installed, and the lock file names 1.0.1');
  lock({ 'node_modules/@a/b': { version: '1.0.0' }, 'node_modules/tool': { version: '4.0.0', dev: true } });
  expect(staleness(folder)).toBe('tool 4.0.0 is not installed');
});

it('names a package of the same version from another source', () => {
  lock({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-new' } });
  install('a', '1.0.0');
  write('node_modules/.package-lock.json', {
    packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-old' } },
  });
  expect(staleness(folder)).toBe('a 1.0.0 is installed from a different package than in the lock file');
});

it('has no complaint without a lock file', () => {
  install('a', '1.0.0');
  expect(staleness(folder)).toBeNull();
  expect(pinnedNode(folder)).toBeNull();
});

it('reads which Node is pinned', () => {
  lock({ 'node_modules/node': { version: '26.10.0' } });
  expect(pinnedNode(folder)).toBe('v26.10.0');
});
