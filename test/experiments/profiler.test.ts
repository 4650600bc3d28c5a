import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReplica } from '../../bench/fleet/replica.ts';
import { makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { analyseProfiles } from '../../bench/profiler/analyse.ts';
import { attribute } from '../../bench/profiler/attribute.ts';
import { readCpuProfile } from '../../bench/profiler/cpu-profile.ts';
import { measureProfiles } from '../../bench/profiler/measure.ts';
import { prepareEnvironment } from '../../bench/run/run.ts';
import { testContext } from '../../bench/testing/slices.ts';
import { thenEnding } from '../../core/errors.ts';
import { runAlone } from './run-alone.ts';

const argon2 = { memoryKiB: 1024, passes: 1, cheap: true };
const directory = mkdtempSync(join(tmpdir(), 'tollgate-profile-'));
let janitor: Janitor;

beforeAll(async () => {
  ({ janitor } = await prepareEnvironment());
});
afterAll(async () => {
  await janitor.finish();
  rmSync(directory, { recursive: true });
});

describe('a replica under the profiler', () => {
  it('returns a profile of its work, in which requests can be found', async () => {
    const users = await makeUsers(1, argon2);
    const start = { arm: 'none', host: '127.0.0.1', port: 0, secrets: await makeSecrets() };
    const replica = await startReplica({
      start: { ...start, users: users.map(({ record }) => record) },
      janitor,
      onDeath: (error) => {
        throw error;
      },
    });
    await thenEnding(
      async () => {
        await expect(replica.stopProfile()).rejects.toThrow('The profiler is not running');
        await replica.startProfile(100);
        await expect(replica.startProfile(100)).rejects.toThrow('already');
        for (let i = 0; i < 300; i++) {
          const response = await fetch(`http://127.0.0.1:${replica.address.port}/me`);
          await response.text();
        }
        const { busyMicros } = attribute(readCpuProfile((await replica.stopProfile()).profile));
        expect(busyMicros.get('fastify')).toBeGreaterThan(0);
        expect(busyMicros.get('node:http')).toBeGreaterThan(0);
        // It can be profiled again, and still answers requests.
        await replica.startProfile(100);
        expect(readCpuProfile((await replica.stopProfile()).profile).samples).toBeDefined();
        expect((await replica.telemetry()).type).toBe('telemetry');
      },
      () => replica.stop(),
    );
  });
});

describe('profiles of a run', () => {
  it('break down the toll of a token, at its edge and behind it, and keep every profile', async () => {
    const slices = await runAlone({
      ...{ janitor, directory, arms: ['none', 'phantom-token'], measure: measureProfiles },
      // Too little for more than the minimum of forks.
      config: { budgetSeconds: 1, argon2 },
    });

    const files = readdirSync(join(directory, 'profiles')).sort();
    expect(files).toEqual(
      [0, 1, 2]
        .flatMap((fork) => [`none-fork${fork}`, `phantom-token-fork${fork}`, `phantom-token-fork${fork}-edge`])
        .map((name) => `${name}.cpuprofile`)
        .sort(),
    );
    for (const file of files) {
      const text = readFileSync(join(directory, 'profiles', file), 'utf8');
      expect(readCpuProfile(JSON.parse(text)).samples.length).toBeGreaterThan(0);
      expect(text).not.toContain(process.cwd());
    }

    expect(slices.every(({ unexpected, failed }) => unexpected + failed === 0)).toBe(true);
    const figures = analyseProfiles(slices, testContext, 'hot-path');
    const of = (name: string) =>
      figures.filter(({ metric, factors }) => metric === 'profile_us' && factors.package === name);
    const jose = of('jose');
    expect(jose.find(({ arm }) => arm === 'phantom-token')?.value).toBeGreaterThan(0);
    expect(jose.find(({ arm }) => arm === 'none')?.value).toBe(0);
    expect(jose.every(({ forks, factors }) => forks === 3 && factors.process === undefined)).toBe(true);
    const atEdge = figures.filter(({ metric, factors }) => metric === 'profile_us' && factors.process === 'edge');
    // On a busy machine, three short profiles may miss any single package.
    expect(new Set(atEdge.map(({ arm }) => arm))).toEqual(new Set(['phantom-token']));
    expect(atEdge.some(({ value }) => value > 0)).toBe(true);
  });
});
