import { once } from 'node:events';
import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { type PushedDenylist, pushedDenylist } from '../../servers/stores/pushed-denylist.ts';
import { connectRedis, type RedisStore } from '../../servers/stores/redis.ts';
import { armBench } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../support/servers.ts';

const ARM = 'jwt-denylist-push';
const bench = armBench();
const refuse = (...commands: string[]) =>
  Promise.all(commands.map((command) => bench.probe().call('ACL', 'SETUSER', 'default', `-${command}`)));
const allow = () => bench.probe().call('ACL', 'SETUSER', 'default', '+@all', 'allchannels');

/** Longer than any pause of a busy machine. */
const WITHIN = { timeout: 10_000, interval: 5 };

describe('a token with a denylist that is pushed', () => {
  it('is refused at once on the replica of its logout and soon on all others, without a command per read', async () => {
    const [here, there] = await Promise.all([bench.start(ARM), bench.start(ARM)]);
    const [first, second] = [clientOf(here), clientOf(here)];
    await first.login(ADA);
    await second.login(ADA);
    const copy = clientOf(there, copyOf(first.held));
    expect((await copy.get('/me')).status).toBe(200);
    expect((await first.post('/logout')).status).toBe(204);
    expect((await clientOf(here, copyOf(first.held)).get('/me')).status).toBe(401);
    await vi.waitFor(async () => expect((await copy.get('/me')).status).toBe(401), WITHIN);
    expect((await clientOf(there, copyOf(second.held)).get('/me')).status).toBe(200);
    await refuse('eval', 'mget', 'exists', 'zscore');
    await thenEnding(
      async () => {
        expect((await clientOf(there, copyOf(second.held)).get('/me')).status).toBe(200);
      },
      () => allow(),
    );
  });

  it('is refused for a critical operation by asking Redis, even if the replica has not been notified', async () => {
    const [here, there] = await Promise.all([bench.start(ARM), bench.start(ARM)]);
    const client = clientOf(here);
    await client.login(ADA);
    const copy = clientOf(there, copyOf(client.held));
    for (const name of await bench.probe().pubsub('CHANNELS', '*')) expect(String(name)).toContain('{denied}');
    await bench.probe().call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await client.post('/logout');
    expect((await copy.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
  });

  it('is refused by a replica that was started after its logout, or after all tokens of its user were ended', async () => {
    const here = await bench.start(ARM);
    const [ada, bob] = [clientOf(here), clientOf(here)];
    await ada.login(ADA);
    await bob.login(BOB);
    const copies = [copyOf(ada.held), copyOf(bob.held)];
    await ada.post('/logout');
    await bob.post('/logout-all');
    const later = await bench.start(ARM);
    for (const copy of copies) expect((await clientOf(later, copy).get('/me')).status).toBe(401);
  });

  it('is looked up in Redis if its replica cannot prove that its list is current', async () => {
    const [here, there] = await Promise.all([
      bench.start(ARM, { settings: { denylistStalenessMs: 100 } }),
      bench.start(ARM, { settings: { denylistStalenessMs: 100 } }),
    ]);
    const client = clientOf(here);
    await client.login(ADA);
    const copy = clientOf(there, copyOf(client.held));
    const other = clientOf(here);
    await other.login(ADA);
    // Without the sequence number no list can be proven.
    await refuse('get');
    await thenEnding(
      async () => {
        await client.post('/logout');
        await vi.waitFor(async () => expect((await copy.get('/me')).status).toBe(401), WITHIN);
        expect((await clientOf(there, copyOf(other.held)).get('/me')).status).toBe(200);
      },
      () => allow(),
    );
  });

  it('is refused with 503 while its replica can neither prove its list nor ask Redis, and accepted again afterwards', async () => {
    const client = clientOf(await bench.start(ARM, { settings: { denylistStalenessMs: 200 } }));
    await client.login(ADA);
    await refuse('get', 'eval');
    await thenEnding(
      async () => {
        await vi.waitFor(async () => expect((await client.get('/me')).status).toBe(503), WITHIN);
        expect((await client.get('/public')).status).toBe(200);
        expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(503);
      },
      () => allow(),
    );
    await vi.waitFor(async () => expect((await client.get('/me')).status).toBe(200), WITHIN);
  });

  it('prevents a replica from starting if its Redis user may not subscribe', async () => {
    await bench.probe().call('ACL', 'SETUSER', 'default', 'resetchannels');
    await thenEnding(
      async () => {
        await expect(bench.start(ARM)).rejects.toMatchObject({ code: 'REDIS_NOPERM' });
      },
      () => allow(),
    );
  });
});

describe('a pushed denylist', () => {
  const LIFETIME_MS = 900_000;
  const token = (jti: string, issuedMs = Date.now()) => ({ jti, userId: 'u-1', issuedMs });

  async function replica(stalenessMs = 60_000): Promise<{ list: PushedDenylist; redis: RedisStore; end(): void }> {
    const redis = await connectRedis({ url: bench.redis().url, keyPrefix: 'push:' });
    const list = pushedDenylist(redis, { lifetimeMs: LIFETIME_MS, stalenessMs, now: Date.now });
    await list.start();
    return {
      list,
      redis,
      end: () => {
        list.stop();
        redis.client.disconnect();
      },
    };
  }
  const inAnHour = () => Date.now() + 3_600_000;
  const channel = 'push:{denied}';
  const dropListeners = () => bench.probe().call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  const isListening = async () => expect(await bench.probe().pubsub('NUMSUB', channel)).toEqual([channel, 1]);

  it('includes tokens that were revoked while it was disconnected', async () => {
    const [here, there] = await Promise.all([replica(), replica()]);
    for (let n = 0; n < 5; n++) {
      await dropListeners();
      await here.list.deny(`lost-${n}`, inAnHour());
      await vi.waitFor(() => expect(there.list.isDenied(token(`lost-${n}`))).toBe(true), WITHIN);
    }
    here.end();
    there.end();
  });

  it('notices a lost message by the next one, and takes a snapshot', async () => {
    const there = await replica();
    // Entered like any replica's, but unpublished: no proof is due for a minute.
    await bench.probe().zadd('push:{denied}:ids', inAnHour(), 'unheard');
    await bench.probe().set('push:{denied}:number', '1000');
    expect(there.list.isDenied(token('unheard'))).toBe(false);
    await there.list.deny('next', inAnHour());
    await vi.waitFor(() => expect(there.list.isDenied(token('unheard'))).toBe(true), WITHIN);
    there.end();
  });

  it('notices a lost message by the sequence number in Redis, and takes a snapshot', async () => {
    const there = await replica(200);
    await bench.probe().zadd('push:{denied}:ids', inAnHour(), 'unheard');
    await bench.probe().set('push:{denied}:number', '1000');
    await vi.waitFor(() => expect(there.list.isDenied(token('unheard'))).toBe(true), WITHIN);
    await vi.waitFor(() => expect(there.list.isCurrent()).toBe(true), WITHIN);
    there.end();
  });

  it('still denies tokens that Redis has lost, and continues to receive messages', async () => {
    const [here, there] = await Promise.all([replica(200), replica(200)]);
    await here.list.deny('before', inAnHour());
    await vi.waitFor(() => expect(there.list.isDenied(token('before'))).toBe(true), WITHIN);
    await bench.probe().flushall();
    await here.list.deny('after', inAnHour());
    await vi.waitFor(() => expect(there.list.isDenied(token('after'))).toBe(true), WITHIN);
    expect(there.list.isDenied(token('before'))).toBe(true);
    await vi.waitFor(() => expect(there.list.isCurrent()).toBe(true), WITHIN);
    here.end();
    there.end();
  });

  it('is not current without proof, even if its connections are open', async () => {
    const there = await replica(200);
    expect(there.list.isCurrent()).toBe(true);
    bench.redis().process.kill('SIGSTOP');
    try {
      await vi.waitFor(() => expect(there.list.isCurrent()).toBe(false), WITHIN);
    } finally {
      bench.redis().process.kill('SIGCONT');
    }
    await vi.waitFor(() => expect(there.list.isCurrent()).toBe(true), WITHIN);
    there.end();
  });

  it('keeps only unexpired entries in Redis, and drops the others at the next entry', async () => {
    const here = await replica();
    const old = Date.now() - LIFETIME_MS - 120_000;
    await bench.probe().zadd('push:{denied}:ids', old, 'ended');
    await bench.probe().zadd('push:{denied}:users', old, 'u-9');
    await here.list.deny('new', inAnHour());
    await here.list.denyAllOf('u-1');
    expect(await bench.probe().zrange('push:{denied}:ids', '0', '-1')).toEqual(['new']);
    expect(await bench.probe().zrange('push:{denied}:users', '0', '-1')).toEqual(['u-1']);
    here.end();
  });

  it('denies the tokens of a user up to a date that is never lowered', async () => {
    const here = await replica();
    const there = await replica();
    const ahead = Date.now() + 5_000;
    await bench.probe().zadd('push:{denied}:users', ahead, 'u-1');
    await here.list.denyAllOf('u-1');
    expect(Number(await bench.probe().zscore('push:{denied}:users', 'u-1'))).toBe(ahead);
    await vi.waitFor(() => expect(there.list.isDenied(token('x', ahead))).toBe(true), WITHIN);
    expect(there.list.isDenied(token('x', ahead + 1))).toBe(false);
    expect(await here.list.isDeniedNow(token('x', ahead))).toBe(true);
    expect(await here.list.isDeniedNow(token('x', ahead + 1))).toBe(false);
    here.end();
    there.end();
  });

  it('subscribes on one separate connection, and leaves none behind', async () => {
    const there = await replica();
    await isListening();
    there.end();
    await vi.waitFor(async () => expect(await bench.probe().pubsub('NUMSUB', channel)).toEqual([channel, 0]), WITHIN);
  });
});

// A separate client that receives the published messages.
it('publishes every entry with its number, kind and end', async () => {
  const listener = new Redis(bench.redis().url);
  await listener.subscribe(`${ARM}:{denied}`);
  const heard = once(listener, 'message');
  const client = clientOf(await bench.start(ARM));
  await client.login(ADA);
  await client.post('/logout-all');
  const [, message] = await heard;
  expect(message).toMatch(/^\d{16} user \d{13} u-1$/);
  listener.disconnect();
});
