import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyseInPlace } from '../../bench/experiments/hot-path/analyse-in-place.ts';
import { measureInPlace } from '../../bench/experiments/hot-path/in-place.ts';
import { startReplica } from '../../bench/fleet/replica.ts';
import { makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { workOf } from '../../bench/micro/in-place.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { prepareEnvironment } from '../../bench/run/run.ts';
import { testContext } from '../../bench/testing/slices.ts';
import { thenEnding } from '../../core/errors.ts';
import type { RequestWork } from '../../servers/configuration.ts';
import { runAlone } from './run-alone.ts';

const argon2 = { memoryKiB: 1024, passes: 1, cheap: true };
const directory = mkdtempSync(join(tmpdir(), 'tollgate-in-place-'));
let janitor: Janitor;

beforeAll(async () => {
  ({ janitor } = await prepareEnvironment());
});
afterAll(async () => {
  await janitor.finish();
  rmSync(directory, { recursive: true });
});

/** A module written by the test, as a parent may name one. */
function moduleOf(name: string, source: string): string {
  const path = join(directory, name);
  writeFileSync(path, source);
  return pathToFileURL(path).href;
}

async function replicaWith(work: RequestWork) {
  const users = await makeUsers(1, argon2);
  return startReplica({
    start: {
      ...{ arm: 'none', host: '127.0.0.1', port: 0, secrets: await makeSecrets(), work },
      users: users.map(({ record }) => record),
    },
    janitor,
    onDeath: () => {},
  });
}

describe('a replica with an additional task per request', () => {
  const COUNTING = `
    let runs = 0;
    export const prepare = async () => ({
      run: (done) => { runs += 1; setImmediate(done, runs % 3 === 0 ? new Error('the third') : undefined); },
      close: async () => {},
    });`;

  it('executes it once per request, waits for it, and fails if it fails', async () => {
    const replica = await replicaWith({ module: moduleOf('counting.mjs', COUNTING), name: 'any' });
    await thenEnding(
      async () => {
        const statuses: number[] = [];
        for (let i = 0; i < 6; i++) {
          const response = await fetch(`http://127.0.0.1:${replica.address.port}/me`);
          await response.text();
          statuses.push(response.status);
        }
        expect(statuses).toEqual([200, 200, 500, 200, 200, 500]);
      },
      () => replica.stop(),
    );
  });

  it('reports an invalid task', async () => {
    const missing = { module: pathToFileURL(join(directory, 'missing.mjs')).href, name: 'any' };
    await expect(replicaWith(missing)).rejects.toThrow('The work any cannot be prepared: its module cannot be loaded');
    const empty = { module: moduleOf('empty.mjs', 'export {};'), name: 'any' };
    await expect(replicaWith(empty)).rejects.toThrow('no function prepare');
    const { module } = workOf('hs256-verify');
    await expect(replicaWith({ module, name: 'hs256-verfy' })).rejects.toThrow('did you mean "hs256-verify"');
    await expect(replicaWith({ module, name: 'jwt-decode + ' })).rejects.toThrow('Unknown micro task ""');
    await expect(replicaWith({ module, name: 'redis-getex-batched' })).rejects.toThrow('needs Redis');
    await expect(replicaWith({ module, name: 'postgres-select' })).rejects.toThrow('needs PostgreSQL');
    await expect(replicaWith({ module: 'data:text/javascript,', name: 'any' })).rejects.toThrow(/\bwork\/module\b/);
  });
});

describe('primitives in place', () => {
  it('cost the server CPU time, and Redis one command per request', async () => {
    const slices = await runAlone({
      ...{ janitor, directory, arms: ['none', 'jwt-eddsa', 'session-redis-lean', 'session-postgres'] },
      config: { budgetSeconds: 8, argon2 },
      measure: async (context) => (await measureInPlace(context)) ?? 'failed',
    });
    expect(slices.every(({ arm, unexpected, failed }) => arm === 'none' && unexpected + failed === 0)).toBe(true);
    const of = (work: string) => slices.filter(({ factors }) => factors.work === work);
    expect(of('nothing').length).toBeGreaterThan(0);
    const parts = 'cookie-unsign-by-hand + redis-getex-batched + json-parse';
    const inDatabase = 'cookie-unsign-by-hand + postgres-select + json-parse';
    const works = [
      ...['eddsa-verify', 'jwt-decode + eddsa-verify', 'redis-getex-batched', parts],
      ...['postgres-select', inDatabase],
    ];
    for (const work of works) expect(of(work)).toHaveLength(of('nothing').length);
    expect(new Set(slices.map(({ factors }) => factors.work))).toEqual(new Set(['nothing', ...works]));
    for (const slice of [...of('redis-getex-batched'), ...of(parts)]) {
      expect(slice.measures.redis_commands).toBe(slice.requests);
    }

    const figures = analyseInPlace(slices, [], testContext, 'hot-path');
    expect(figures.map(({ factors }) => factors.primitive)).toEqual([
      'eddsa-verify',
      'postgres-select',
      'redis-getex-batched',
    ]);
    // Many times the cost of a request, so that it stands out although the servers are cold.
    expect(figures[0]?.value).toBeGreaterThan(0);
  });
});
