import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchExpiry } from '../../bench/experiments/store/beside.ts';
import { watchEvictions } from '../../bench/experiments/store/evict.ts';
import { fill, keysBelow, memoryUsage, readEntry } from '../../bench/experiments/store/redis.ts';
import { type Sample, takeSample } from '../../bench/experiments/store/sample.ts';
import { filledIn, type StoreTemplate, templateOf } from '../../bench/experiments/store/template.ts';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { watcher } from '../../bench/fleet/redis/redis.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';

let janitor: Janitor;
const fleets = new Map<string, Fleet>();
const KINDS = [
  ['session-redis', 'session'],
  ['jwt-denylist', 'denylist'],
  ['jwt-refresh', 'refresh-family'],
] as const;

beforeAll(async () => {
  janitor = await Janitor.start();
  const arms = await describeArms();
  const environment = {
    janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(3, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath: () => {},
  };
  for (const [name] of KINDS) {
    const arm = arms.find((each) => each.name === name);
    if (!arm) throw new Error(`there is no ${name}`);
    const spec = { key: name, arm, replicas: 1, users: 0 };
    fleets.set(name, await startFleet(environment, spec));
  }
});
afterAll(async () => {
  for (const fleet of fleets.values()) await fleet.stop();
  await janitor.finish();
});

/** The template of copy number `n`, derived from its keys as if a login had written them. */
async function templateOfCopy(client: ReturnType<typeof watcher>, template: StoreTemplate, n: number) {
  const entries = [];
  for (const { key } of template.entries) entries.push(await readEntry(client, filledIn(template, key, n)));
  const others = template.entries.map(({ key }) => filledIn(template, key, n + 1));
  return templateOf(entries, others);
}

/** What a login to an arm wrote to its Redis, with a client of that Redis. */
async function withLogin(
  name: string,
  work: (login: { client: ReturnType<typeof watcher>; sample: Sample; keyPrefix: string }) => Promise<void>,
): Promise<void> {
  const fleet = fleets.get(name);
  if (!fleet?.redis) throw new Error('there is no Redis');
  const client = watcher(fleet.redis.url);
  await client.connect();
  try {
    const sample = await takeSample(fleet, client);
    if (!sample) throw new Error('a login left nothing');
    await work({ client, sample, keyPrefix: fleet.redis.keyPrefix });
  } finally {
    client.disconnect();
  }
}

describe.each(KINDS)('of %s', (name, kind) => {
  it(`multiplies a ${kind} into copies with the size and format of the arm’s own record`, async () => {
    await withLogin(name, async ({ client, sample, keyPrefix }) => {
      expect(sample.kind).toBe(kind);
      const { template } = sample;
      await client.flushall('SYNC');
      await fill({ client, template, first: 0, end: 4_100, signal: new AbortController().signal });
      expect(await client.dbsize()).toBe(4_100 * template.entries.length);
      const copies = [0, 1, 2_500, 4_098];
      for (const n of copies) {
        const keys = template.entries.map(({ key }) => filledIn(template, key, n));
        expect(await memoryUsage(client, keys)).toBe(sample.usageBytes);
        const shape = (from: StoreTemplate) =>
          from.entries.map(({ type, key, parts }) => ({ type, key, parts: parts.length }));
        expect(shape(await templateOfCopy(client, template, n))).toEqual(shape(template));
        for (const [i, key] of keys.entries()) {
          const ttlMs = template.entries[i]?.ttlMs ?? 0;
          expect(await client.pttl(key)).toBeGreaterThan(0);
          expect(await client.pttl(key)).toBeLessThanOrEqual(ttlMs);
        }
      }
      expect((await keysBelow(client, keyPrefix)).size).toBe(4_100 * template.entries.length);
    });
  });
});

it('watches ended keys next to live ones at a given expiry effort, and restores the settings of Redis', async () => {
  await withLogin('session-redis', async ({ client, sample }) => {
    const { template } = sample;
    const perCopy = template.entries.length;
    const { signal } = new AbortController();
    const watched = async (effort: number, watchMs: number) => {
      await client.flushall('SYNC');
      await fill({ client, template, first: 0, end: 20_000, signal });
      return watchExpiry({ client, template, first: 0, end: 2_000, signal }, effort, watchMs);
    };
    const plain = await watched(1, 200);
    expect(plain.measures).toMatchObject({ ended_keys: 2_000 * perCopy, live_keys: 18_000 * perCopy });
    const eager = await watched(10, 5_000);
    expect(eager.measures.gone_keys).toBeGreaterThan(plain.measures.gone_keys ?? Number.NaN);
    for (const { measures, requests } of [plain, eager]) {
      expect(measures.gone_keys).toBeLessThanOrEqual(2_000 * perCopy);
      expect(measures.gone_keys === 2_000 * perCopy).toBe(measures.expiry_ms !== undefined);
      expect(requests).toBeGreaterThan(0);
    }
    // No live key was touched.
    const alive = template.entries.map(({ key }) => filledIn(template, key, 19_999));
    expect(await client.exists(...alive)).toBe(perCopy);
    expect(await client.config('GET', 'active-expire-effort')).toEqual(['active-expire-effort', '1']);
  });
});

it('lets a full Redis evict, counts the surviving keys, and restores its settings', async () => {
  await withLogin('session-redis', async ({ client, sample }) => {
    const { template } = sample;
    const { signal } = new AbortController();
    const copies = (first: number, end: number) => ({ client, template, first, end, signal });
    const full = async (samples: number) => {
      await client.flushall('SYNC');
      const parts = { ended: copies(0, 500), live: copies(500, 9_000), fresh: copies(9_000, 9_180) };
      const { measures, requests } = await watchEvictions({ ...parts, samples });
      expect(requests).toBe(180);
      const { evicted_keys: evicted = 0, evicted_live_keys: alive = 0, ended_left_keys: ended = 0 } = measures;
      expect(evicted).toBeGreaterThan(0);
      expect(alive).toBeLessThanOrEqual(evicted);
      // There were more ended keys than had to be evicted.
      expect(ended).toBeGreaterThan(0);
      return alive / evicted;
    };
    const [plain, most] = [await full(5), await full(64)];
    expect(plain).toBeGreaterThan(most);
    for (const [name, value] of [
      ['maxmemory', '0'],
      ['maxmemory-policy', 'noeviction'],
      ['maxmemory-samples', '5'],
    ] as const)
      expect(await client.config('GET', name)).toEqual([name, value]);
  });
});
