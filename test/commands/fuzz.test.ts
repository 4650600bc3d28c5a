import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeUsers, type User } from '../../bench/fleet/secrets.ts';
import { fuzzCase } from '../../bench/gate/fuzz/cases.ts';
import { type FuzzResult, fuzz, keptCases } from '../../bench/gate/fuzz/run.ts';
import { thenEnding } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { ARMS, type Arm } from '../../servers/arms.ts';
import { serve } from '../../servers/process/serve.ts';
import { mutantArm } from '../../servers/testing/mutant.ts';
import { MUTANTS } from '../../servers/testing/mutants.ts';
import { companionsHere } from '../support/companions.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { freshSecrets } from '../support/servers.ts';

const SEED = 7;
const CASES = 300;
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const secrets = freshSecrets();
let redis: TestRedis;
let users: readonly User[];
beforeAll(async () => {
  redis = await startRedis();
  users = await makeUsers(4, { memoryKiB: 8, passes: 1, cheap: true });
});
afterAll(() => redis.stop());

async function fuzzed(arm: Arm, cases = CASES, seed = SEED): Promise<FuzzResult> {
  const companions = await companionsHere(arm.info, secrets);
  const { app, port } = await serve(
    {
      arm: arm.info.name,
      host: '127.0.0.1',
      port: 0,
      secrets,
      users: users.map(({ record }) => record),
      settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
      redis: { url: redis.url, keyPrefix: `fuzz:${arm.info.name}:` },
      companions: companions.addresses,
    },
    false,
    () => arm,
  );
  return thenEnding(
    async () => {
      const endpoint = { host: '127.0.0.1', port, certificate: null };
      const target = { arm: arm.info, endpoint, users, death: () => null, rssBytes: async () => null };
      return await fuzz(target, { seed, cases });
    },
    () => app.server.closeAllConnections(),
    () => app.close(),
    () => companions.stop(),
  );
}

describe('malformed requests are refused, and none authenticates', () => {
  it.each(ARMS.map((arm) => ({ name: arm.info.name, arm })))('$name', async ({ arm }) => {
    const { findings, sent, statuses } = await fuzzed(arm);
    expect(findings).toEqual([]);
    expect(sent).toBe(CASES + keptCases('x').length);
    // They reach their targets: parsers of headers and bodies, routes, and the guards.
    for (const status of [400, 401, 404, 415]) expect(Object.keys(statuses), `${status}`).toContain(String(status));
  });
});

describe('the cases', () => {
  const input = {
    host: '127.0.0.1:1',
    credential: { cookie: 'sid=abcdefghijkl.mnopqrstuvwx', bearer: 'aaaaaaaa.bbbbbbbb.cccccccc', csrfHeader: null },
  };

  it('are the same for the same seed, in any order of generation', () => {
    const forwards = [0, 1, 2, 3].map((i) => fuzzCase(createRandom(3), i, input));
    const random = createRandom(3);
    const backwards = [3, 2, 1, 0].map((i) => fuzzCase(random, i, input)).toReversed();
    expect(backwards).toEqual(forwards);
    expect(fuzzCase(createRandom(4), 0, input)).not.toEqual(forwards[0]);
  });

  it('are all complete, so that no server waits for the rest of one', () => {
    const random = createRandom(11);
    for (let i = 0; i < 2_000; i++) {
      const { request, name } = fuzzCase(random, i, input);
      if (name === 'what is hardly HTTP' || /many times|method/.test(name)) continue;
      const head = request.indexOf('\r\n\r\n');
      expect(head, name).toBeGreaterThan(0);
      const length = /\r\ncontent-length: (\d+)\r\n/.exec(request.slice(0, head + 2))?.[1];
      expect(request.length - head - 4, name).toBe(Number(length ?? 0));
    }
  });
});

describe('a broken server is detected', () => {
  it.each([
    ['malformed-cookie-is-a-500', /it got 500/],
    ['malformed-token-is-a-500', /it got 500/],
    ['cookie-signature-unchecked', /let in/],
    ['signature-unchecked', /let in/],
  ])('%s', async (name, problem) => {
    const mutant = MUTANTS.find((one) => one.name === name);
    if (mutant === undefined) throw new Error(`no mutant ${name}`);
    const { findings } = await fuzzed(mutantArm(mutant, []), 4 * CASES);
    expect(findings.map((finding) => finding.problem).join()).toMatch(problem);
  });
});

describe('the command', () => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, 'fuzz', ...args]);

  it('fuzzes replicas as processes, and reports on each', async () => {
    const { stdout } = await run('--arms', 'jwt-hs256', '--cases', '150', '--seed', '5', '--json');
    const { seed, results } = JSON.parse(stdout) as { seed: number; results: FuzzResult[] };
    expect(seed).toBe(5);
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ arm: 'jwt-hs256', findings: [], sent: 150 + keptCases('x').length });
    expect(results[0]?.grownBytes).toEqual(expect.any(Number));
  });

  it('says what to do about an unknown arm', async () => {
    const failed = await run('--arms', 'session-redsi').catch(
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--arms: "session-redsi" is unknown: did you mean session-redis\?/),
    });
  });
});
