/** A build that verifies less is not measured, however much it would save. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CompareReport } from '../../regression/compare/report.ts';
import { comparisons } from '../support/comparisons.ts';

const { clone, leftovers, run } = comparisons();
const SIGNATURE = 'if (!signer.matches(token.slice(0, end), token.slice(end + 1))) return null;';
const skipSignature = () => clone().patch('servers/schemes/own-token.ts', SIGNATURE, '');
const compare = (...args: string[]) => run('compare', '--guards-only', '--arms', 'jwt-hs256-lean', ...args);

it('fails before any measurement if the head no longer checks signatures, and names the checks', async () => {
  skipSignature();
  const [markdown, junit] = [join(clone().temporary, 's.md'), join(clone().temporary, 's.xml')];
  const { code, stdout } = await compare('--base', 'HEAD', '--json', '--markdown', markdown, '--junit', junit);
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as CompareReport & { readonly faults: readonly string[] };
  expect(report.arms).toEqual([]);
  const [arm] = report.security;
  expect(arm?.faults.map(({ check, base, head }) => [check, base, head])).toEqual(
    expect.arrayContaining([
      [5, 'pass', 'fail'],
      [6, 'pass', 'fail'],
    ]),
  );
  expect(report.faults[0]).toMatch(/^jwt-hs256-lean: security check 5 \(refuses an altered payload\) fails in head/);
  expect(readFileSync(markdown, 'utf8')).toMatch(/head fails checks that base passes[\s\S]*security check 6/);
  // The command that repeats it contains no local path.
  expect(readFileSync(markdown, 'utf8')).toMatch(
    /To repeat: <code>npm run compare -- (?!.*(--json|--markdown|--junit))/,
  );
  expect(readFileSync(junit, 'utf8')).toMatch(/classname="jwt-hs256-lean" name="security checks"[^>]*><failure/);
  expect(leftovers()).toEqual([]);
});

it('measures it on request, and notes it', async () => {
  skipSignature();
  const { code, stdout } = await compare('--base', 'HEAD', '--unsafe');
  expect(stdout).toMatch(/Measured anyway \(--unsafe\): jwt-hs256-lean: security check 5/);
  expect(stdout).toMatch(/request_bytes/);
  expect(code).toBe(0);
});

it('still fails if the head declares its arm a baseline', async () => {
  const entry = /name: 'jwt-hs256-lean',/.exec(readFileSync(join(clone().directory, 'servers/arms/tokens.ts'), 'utf8'));
  clone().patch('servers/arms/tokens.ts', entry?.[0] ?? 'missing', "name: 'jwt-hs256-lean',\n      baseline: true,");
  const { code, stdout } = await compare('--base', 'HEAD');
  expect(stdout).toMatch(/security check 26 .* passes in base, but head declares that it does not apply/);
  expect(code).toBe(1);
});

it('passes a head for checks that its base also fails, and notes it', async () => {
  const readable = 'httpOnly: true,';
  clone().patch('servers/schemes/session-cookie.ts', readable, 'httpOnly: false,');
  const base = clone().commit('Let scripts read the cookie');
  clone().patch('servers/http/burn.ts', 'export ', '// Something else.\nexport ');
  const { code, stdout } = await run('compare', '--guards-only', '--arms', 'session-redis', '--base', base);
  expect(stdout).toMatch(/session-redis: security check 33 \(.*\) fails in head, as in base/);
  expect(stdout).toMatch(/No count increased\./);
  expect(code).toBe(0);
});
