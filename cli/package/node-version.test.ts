import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeFault } from './node-version.ts';

it.each(['22.19.0', '22.20.1', '24.0.0', '26.10.0'])('runs on Node %s', (version) => {
  expect(nodeFault(version)).toBeNull();
});

it.each(['18.20.0', '20.19.5', '22.18.0'])('refuses Node %s as too old', (version) => {
  expect(nodeFault(version)).toBe(`tollgate: Node ${version} is too old\n  install Node 22.19 or later`);
});

it('requires the same Node as package.json', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string };
  };
  const [, least = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  expect(nodeFault(`${least}.0`)).toBeNull();
  const [major = 0, minor = 0] = least.split('.').map(Number);
  expect(nodeFault(`${major}.${minor - 1}.9`)).not.toBeNull();
});
