import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { ARMS } from '../../servers/arms.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-revocation-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('revocation', () => {
  it('distinguishes credentials that end at once, within a bound, and at their expiry', async () => {
    const directory = join(root, 'run');
    const arms = 'none,session-redis-lean,session-cached,jwt-hs256,hybrid';
    const args = ['bench', '--experiments', 'revocation', '--arms', arms, '--budget', '12s', '--seed', '7'];
    const { code, stderr } = await startBench([...args, '--out', directory], {}, root).ended;
    expect(stderr).not.toContain('failed');
    expect(code).toBe(0);
    const run: Run = readRun(directory);
    const worst = (arm: string, operation: string) => {
      const own = run.figures.filter(
        ({ arm: name, metric, factors }) =>
          name === arm &&
          metric === 'revocation_lag_ms' &&
          factors.operation === operation &&
          factors.quantile === 'max',
      );
      return Math.max(...own.filter(({ factors }) => factors.settings === 'deployed').map(({ value }) => value));
    };
    expect(run.figures.some(({ arm }) => arm === 'none')).toBe(false);
    expect(worst('session-redis-lean', 'read')).toBe(0);
    const cached = worst('session-cached', 'read');
    expect(cached).toBeGreaterThan(0);
    expect(cached).toBeLessThanOrEqual(DEFAULT_SETTINGS.cacheStalenessMs);
    // Scaled to a lifetime of minutes.
    expect(worst('jwt-hs256', 'read')).toBeGreaterThan(60_000);
    expect(worst('jwt-hs256', 'read')).toBeLessThanOrEqual(DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000);
    expect(worst('hybrid', 'read')).toBeGreaterThan(60_000);
    for (const figure of run.figures) {
      expect(figure.flags).not.toContain('declaration-broken');
      expect(figure.low).toBeLessThanOrEqual(figure.value);
      expect(figure.value).toBeLessThanOrEqual(figure.high);
    }
    expect(run.experiments[0]?.unexpected).toBe(0);
  });
});

describe('the declared lifetime of an arm', () => {
  it('is that of its settings if a credential ends only by expiry', () => {
    const lives = Object.fromEntries(ARMS.map(({ info }) => [info.name, info.lifetimeMs]));
    expect(lives['jwt-hs256']).toBe(DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000);
    expect(lives['jwt-refresh']).toBe(DEFAULT_SETTINGS.accessTokenLifetimeSeconds * 1000);
    expect(lives['session-sealed']).toBe(DEFAULT_SETTINGS.absoluteTimeoutMs);
    for (const { info } of ARMS)
      if (info.revocation === 'at-expiry' && !info.baseline) expect(info.lifetimeMs, info.name).toBeDefined();
  });
});
