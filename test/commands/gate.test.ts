import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readGate } from '../../core/results/gate-file.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-gate-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const gate = (args: readonly string[]) => startBench(['gate', ...args], {}, root).ended;

/** Anything that a login issues: JWTs, signed cookies, CSRF tokens, passwords. */
const SECRETS = /eyJ[\w-]+\.[\w-]+|[\w-]{32,}\.[\w-]{32,}|\$argon2id\$|redis:\/\/:/;

describe('npm run gate', () => {
  it('checks arms, reports each outcome with its reason, writes gate.json, and stores no credential', async () => {
    const out = join(root, 'gate');
    const checks = '5,20,23,29,32,34,39';
    const { code, stdout } = await gate([
      '--arms',
      'session-memory,jwt-hs256',
      '--checks',
      checks,
      '--json',
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as GateResult & { failed: string[] };
    expect(printed.failed).toEqual([]);
    const kept = readGate(out);
    expect(kept?.arms).toEqual(printed.arms);
    expect(kept?.checks.map(({ id }) => id)).toEqual([5, 20, 23, 29, 32, 34, 39]);
    const verdicts = Object.fromEntries(
      printed.arms.map(({ arm, outcomes }) => [arm, outcomes.map(({ verdict }) => verdict)]),
    );
    expect(verdicts).toEqual({
      'session-memory': ['not-applicable', 'pass', 'pass', 'limit', 'pass', 'pass', 'pass'],
      'jwt-hs256': ['pass', 'not-applicable', 'limit', 'limit', 'not-applicable', 'not-applicable', 'pass'],
    });
    for (const { outcomes } of printed.arms) {
      for (const { detail } of outcomes) {
        expect(detail).not.toBe('');
        expect(detail).not.toMatch(SECRETS);
      }
    }
  });

  it('reports all invalid flags at once, before anything starts', async () => {
    const { code, stderr, stdout } = await gate(['--arms', 'jwt-hs265', '--checks', '5,99,x', '--quikc']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const fault of [
      'did you mean jwt-hs256?',
      '"99" is not a check',
      '"x" is not a check',
      'did you mean --quick?',
    ]) {
      expect(stderr).toContain(fault);
    }
  });
});
