import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, keysBelow, memoryUsage, readEntry } from '../../bench/experiments/store/redis.ts';
import { takeSample } from '../../bench/experiments/store/sample.ts';
import { filledIn, type StoreTemplate, templateOf } from '../../bench/experiments/store/template.ts';
import { type Fleet, startFleet } from '../../bench/fleet/fleet.ts';
import { watcher } from '../../bench/fleet/redis/redis.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
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
    const spec = { key: name, arm, replicas: 1, replicaShare: null, redisShare: null, users: 0 };
    fleets.set(name, await startFleet(environment, spec));
  }
});
afterAll(async () => {
  for (const fleet of fleets.values()) await fleet.stop();
  await janitor.finish();
});

/** What the template makes of a number, read back and taken for a login of its own. */
async function templateOfCopy(client: ReturnType<typeof watcher>, template: StoreTemplate, n: number) {
  const entries = [];
  for (const { key } of template.entries) entries.push(await readEntry(client, filledIn(template, key, n)));
  const others = template.entries.map(({ key }) => filledIn(template, key, n + 1));
  return templateOf(entries, others);
}

describe.each(KINDS)('of %s', (name, kind) => {
  it(`multiplies a ${kind} into copies that have the bytes and the shape of what the arm wrote`, async () => {
    const fleet = fleets.get(name);
    if (!fleet?.redis) throw new Error('there is no Redis');
    const client = watcher(fleet.redis.url);
    await client.connect();
    try {
      const sample = await takeSample(fleet, client);
      if (!sample) throw new Error('a login left nothing');
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
      expect((await keysBelow(client, fleet.redis.keyPrefix)).size).toBe(4_100 * template.entries.length);
    } finally {
      client.disconnect();
    }
  });
});
