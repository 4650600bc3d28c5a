/** Installs and starts every example and runs the security checks; the failures caused by framework defaults are known. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import { Janitor } from '../bench/processes/janitor.ts';
import type { GateOutcome } from '../core/results/gate-schema.ts';
import { EXAMPLES, exampleSecrets, FOLDERS, installExample } from '../scripts/frameworks/examples.ts';
import { readService } from '../target/config/service.ts';
import { gateService } from '../target/gate/run.ts';
import { startRedis, type TestRedis } from './support/redis.ts';

/** Failing checks by example, caused by defaults of the framework that the example keeps. */
const FINDINGS: Readonly<Record<string, readonly number[]>> = {
  // express sets no cache-control (39).
  'express-session': [39],
  // By default the verifier accepts unknown critical headers (9), a token without exp (12), and base64url with stray
  // bits (61).
  'express-jsonwebtoken': [9, 12, 39, 61],
  // A second login leaves the first session open (20), and its reply contains the token (33).
  'better-auth': [20, 33, 39],
  'better-auth-cached': [20, 33, 39],
  'authjs-jwe': [39],
  'fastify-iron-session': [39],
  'plain-node-http': [],
  // http.server answers an unknown method with 501 (101).
  'python-stdlib': [101],
};
/** Checks that must run for each, so that none passes merely because it was skipped. */
const TELLING: Readonly<Record<string, readonly number[]>> = {
  'express-session': [20, 21, 22, 23, 33, 34, 52],
  'express-jsonwebtoken': [1, 4, 5, 9, 11, 12, 13, 14, 15, 52, 61],
  'better-auth': [20, 22, 23, 33, 34, 52],
  'better-auth-cached': [20, 22, 23, 33, 34, 52],
  'authjs-jwe': [20, 33, 34, 52],
  'fastify-iron-session': [20, 33, 34, 52],
  'plain-node-http': [20, 21, 22, 23, 33, 34, 39, 52],
  'python-stdlib': [20, 33, 34, 39, 52],
};

let root: string;
let redis: TestRedis;
let janitor: Janitor;
const copies = new Map<string, string>();
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-frameworks-'));
  janitor = await Janitor.start();
  const installed = Promise.all(FOLDERS.map(async (folder) => copies.set(folder, await installExample(folder, root))));
  [redis] = await Promise.all([startRedis(), installed]);
});
afterAll(async () => {
  await redis.stop();
  await janitor.finish();
  rmSync(root, { recursive: true, force: true });
});

it('has a folder for each example, and an example for each folder except that of the suite', () => {
  const folders = readdirSync(join(import.meta.dirname, '../examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.toSorted()).toEqual([...FOLDERS, 'express-vitest'].toSorted());
});

it('names no registry in any lock file', () => {
  for (const folder of copies.values()) {
    const lock = readdirSync(folder).includes('package-lock.json')
      ? readFileSync(join(folder, 'package-lock.json'), 'utf8')
      : '';
    expect(lock).not.toContain('"resolved"');
  }
});

async function outcomesOf({ name, folder, config }: (typeof EXAMPLES)[number]): Promise<readonly GateOutcome[]> {
  const state = join(root, `state-${name}`);
  mkdirSync(state);
  const env = { ...process.env, ...exampleSecrets(state, name), EXAMPLE_REDIS_URL: redis.url };
  const service = readService(join(copies.get(folder) ?? '', config), env);
  const environment = {
    janitor,
    accounts: CpuAccounts.openIfPossible(janitor),
    signal: new AbortController().signal,
    onNote: () => {},
  };
  const { result } = await gateService({ service, environment, quick: false, maxRps: null });
  return result.arms.flatMap((arm) => arm.outcomes);
}

it.concurrent.each(EXAMPLES.map((example) => [example.name, example] as const))(
  '%s passes every check that applies except the known failures of its defaults',
  async (name, example) => {
    const outcomes = await outcomesOf(example);
    const failed = outcomes.filter(({ verdict }) => verdict === 'fail');
    expect(
      failed.map(({ check }) => check),
      failed.map(({ detail }) => detail).join('\n'),
    ).toEqual(FINDINGS[name]);
    const said = outcomes.filter(({ verdict }) => verdict !== 'not-applicable').map(({ check }) => check);
    expect(said).toEqual(expect.arrayContaining([...(TELLING[name] ?? [])]));
  },
);
