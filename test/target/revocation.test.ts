/** How long credentials of a service remain valid after they were revoked, and their size. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Figure, Run } from '../../core/results/schema.ts';
import { startBench } from '../support/bench-process.ts';
import { type ShopOptions, shopConfig } from '../support/shop.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-target-revocation-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function measured(name: string, experiments: string, options: ShopOptions): Promise<readonly Figure[]> {
  const state = mkdtempSync(join(root, 'state-'));
  const { value, env } = shopConfig(options, state);
  const file = join(root, `${name}.json`);
  writeFileSync(file, JSON.stringify(value));
  const flags = ['--experiments', experiments, '--arms', 'none', '--budget', '3s', '--seed', '7', '--json', '--unsafe'];
  const { code, stdout } = await startBench(['target', file, ...flags, '--out', join(root, name)], env, root).ended;
  expect(code).toBeLessThan(2);
  // Disabled users have been enabled again.
  expect(readdirSync(state).filter((mark) => mark.startsWith('disabled'))).toEqual([]);
  return (JSON.parse(stdout) as Run).figures.filter(({ arm }) => arm === 'shop');
}

const find = (figures: readonly Figure[], metric: string, factors: Figure['factors']) =>
  figures.find(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );

it('distinguishes a logout that only one replica applies from one that all replicas apply', async () => {
  const { requests } = shopConfig({ kind: 'session' }, root).value;
  const figures = await measured('one-replica', 'revocation', {
    kind: 'session',
    faults: ['logout'],
    requests: {
      ...requests,
      disable: { method: 'POST', path: '/users/{{username}}/disable', status: 204 },
      enable: { method: 'POST', path: '/users/{{username}}/enable', status: 204 },
    },
  });
  const logout = { kind: 'logout', operation: 'read' };
  expect(find(figures, 'replica_revocation_lag_ms', { ...logout, replica: 'asked' })?.value).toBe(0);
  const other = find(figures, 'replica_revocation_lag_ms', { ...logout, replica: 'other' });
  expect(other?.value).toBeGreaterThan(1_000);
  expect(other?.flags).toContain('still-broken');
  expect(find(figures, 'revocation_lag_ms', logout)?.flags).toContain('declaration-broken');
  for (const kind of ['logout-all', 'disable']) {
    const lag = find(figures, 'revocation_lag_ms', { kind, operation: 'read', quantile: 'max' });
    expect(lag?.value, kind).toBe(0);
    expect(lag?.flags, kind).not.toContain('declaration-broken');
    expect(find(figures, 'revocation_within_bound_pct', { kind })?.value).toBe(100);
  }
});

it('waits for a token that ends only at its expiry, and measures the token size of each user', async () => {
  const config = { revocation: 'at-expiry' };
  const faults = ['logout'];
  const { start } = shopConfig({ kind: 'bearer', faults, config }, root).value;
  const environment = { ...start.environment, LIFE: '3' };
  const password = { env: 'SHOP_PASSWORD' };
  const users = [
    { username: 'alice', password, label: 'long name' },
    { username: 'bob', password },
  ];
  const figures = await measured('tokens', 'revocation,payload', {
    kind: 'bearer',
    faults,
    config: { ...config, start: { ...start, environment }, users },
  });
  const lag = find(figures, 'revocation_lag_ms', { kind: 'logout', operation: 'read', quantile: 'max' });
  expect(lag?.value).toBeGreaterThan(0);
  expect(lag?.value).toBeLessThan(4_000);
  expect(lag?.flags).not.toContain('declaration-broken');
  expect(find(figures, 'revocation_bound_ms', { kind: 'logout' })?.value).toBe(3_000);

  const bytes = (metric: string, user: string) => find(figures, metric, { user })?.value ?? Number.NaN;
  const [long, short] = ['long name', 'user 2'];
  // base64 of two more letters.
  const more = bytes('credential_bytes', long) - bytes('credential_bytes', short);
  expect(more).toBeGreaterThan(1);
  expect(bytes('request_bytes', long) - bytes('request_bytes', short)).toBe(more);
  expect(bytes('response_bytes', long) - bytes('response_bytes', short)).toBe('alice'.length - 'bob'.length);
});
