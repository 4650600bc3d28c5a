/** For tests that start arms without sockets and read their Redis. */
import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import type { CompanionAddresses, Secrets } from '../../servers/configuration.ts';
import { buildApp } from '../../servers/http/app.ts';
import type { SchemeSettings } from '../../servers/scheme.ts';
import { companionsHere, type TestCompanions } from './companions.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { freshSecrets, testUsers } from './servers.ts';

export interface ArmOptions {
  /** The replica's clock, and the store's too unless `storeNow` says otherwise. */
  readonly now?: () => number;
  /** Null for Redis' own time even if the replica has another clock. */
  readonly storeNow?: (() => number) | null;
  readonly settings?: Partial<SchemeSettings>;
  readonly secrets?: Secrets;
  /** Companions of another replica; separate ones if left out. */
  readonly companions?: CompanionAddresses;
}

export interface ArmBench {
  /** Another replica of an arm: all share secrets and Redis, and the keys of the arm `x` start with `x:`. */
  start(name: string, options?: ArmOptions): Promise<FastifyInstance>;
  /** The test's own connection to Redis. */
  probe(): Redis;
  redis(): TestRedis;
  readonly secrets: Secrets;
}

/** Registers hooks that start a Redis for the file's tests and empty it after each; call it once, at the top. */
export function armBench(): ArmBench {
  const secrets = freshSecrets();
  const users = testUsers();
  const open: FastifyInstance[] = [];
  const beside: TestCompanions[] = [];
  let running: { redis: TestRedis; probe: Redis } | undefined;

  function started(): { redis: TestRedis; probe: Redis } {
    if (running === undefined) throw new Error('Redis is started before the tests, not before the file.');
    return running;
  }
  beforeAll(async () => {
    const redis = await startRedis();
    running = { redis, probe: new Redis(redis.url) };
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((app) => app.close()));
    await Promise.all(beside.splice(0).map((companions) => companions.stop()));
    await started().probe.flushall();
  });
  afterAll(async () => {
    started().probe.disconnect();
    await started().redis.stop();
  });

  return {
    secrets,
    redis: () => started().redis,
    probe: () => started().probe,
    async start(name, options = {}) {
      const arm = findArm(name);
      if (arm === undefined) throw new Error(`no arm ${name}`);
      const redis = { url: started().redis.url, keyPrefix: `${name}:` };
      const { storeNow = options.now ?? null, ...others } = options;
      const store = storeNow === null ? {} : { storeNow };
      const own =
        options.companions === undefined
          ? await companionsHere(arm.info, options.secrets ?? secrets, options.now)
          : null;
      if (own !== null) beside.push(own);
      const companions = own?.addresses ?? options.companions;
      const app = await buildApp({ arm, secrets, users, redis, ...others, companions, ...store });
      open.push(app);
      return app;
    },
  };
}

/** A clock that a test advances. */
export function turnedClock(atMs = Date.now()): { now: () => number; forward(ms: number): void } {
  let nowMs = atMs;
  return {
    now: () => nowMs,
    forward(ms) {
      nowMs += ms;
    },
  };
}
