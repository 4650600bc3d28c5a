import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createInstaller, firstFault, lockName } from './install.ts';

const lock = (root: object, packages: object) => JSON.stringify({ name: 'x', packages: { '': root, ...packages } });

it('treats lock files as equal that have the same packages, whatever the project’s name', () => {
  const packages = { 'node_modules/a': { version: '1.0.0' } };
  const dependencies = { a: '1.0.0' };
  const name = lockName(lock({ name: 'x', version: '1', dependencies }, packages));
  expect(lockName(lock({ name: 'y', version: '2', dependencies }, packages))).toBe(name);
  expect(lockName(lock({ dependencies }, { 'node_modules/a': { version: '1.0.1' } }))).not.toBe(name);
  expect(lockName(lock({ dependencies: {} }, packages))).not.toBe(name);
  expect(() => lockName('{}')).toThrow(/lists no packages/);
});

it('finds the line of npm’s output with the reason', () => {
  const output = 'npm error code ENOENT\nnpm error syscall open\nnpm error ENOENT: no such file\nnpm error path /x\n';
  expect(firstFault(output)).toBe('ENOENT: no such file');
  expect(firstFault('npm error code E404\n')).toBeNull();
});

it('installs everything in the lock file, whatever the environment omits', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-test-install-'));
  try {
    // An npm that installs a build's Node under the same conditions as the real one.
    const npm = join(directory, 'npm');
    writeFileSync(
      npm,
      `#!/bin/sh
case "$*" in *--include=dev*) dev=1 ;; esac
case "$*" in *--ignore-scripts=false*) scripts=1 ;; esac
[ "$NODE_ENV" = production ] && [ -z "$dev" ] && exit 0
[ "$npm_config_ignore_scripts" = true ] && [ -z "$scripts" ] && exit 0
/bin/mkdir -p node_modules/node
`,
    );
    chmodSync(npm, 0o755);
    for (const [name, value] of Object.entries({
      PATH: directory,
      NODE_ENV: 'production',
      npm_config_ignore_scripts: 'true',
    })) {
      vi.stubEnv(name, value);
    }
    const build = join(directory, 'build');
    mkdirSync(build);
    writeFileSync(join(build, 'package-lock.json'), '{"packages":{"":{}}}');
    const janitor = { watch: () => {} };
    await createInstaller(directory, janitor, new AbortController().signal).install(build, 'base');
    expect(existsSync(join(build, 'node_modules/node'))).toBe(true);
  } finally {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true, force: true });
  }
});
