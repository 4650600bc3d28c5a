import { describe, expect, it } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { statusAt } from '../../servers/schemes/tokens/status/list.ts';
import { connectRedis } from '../../servers/stores/redis.ts';
import { type StatusBits, statusBits } from '../../servers/stores/status-bits.ts';
import { armBench } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../support/servers.ts';

const ARM = 'jwt-status-list';
const bench = armBench();
const WITHIN = { timeout: 15_000, interval: 20 };

describe('a token with an index in a status list', () => {
  it('is refused on every replica once they have the next list, and at once for a critical operation', async () => {
    const [here, there] = await Promise.all([bench.start(ARM), bench.start(ARM)]);
    const [first, second, bob] = [clientOf(here), clientOf(here), clientOf(here)];
    for (const client of [first, second]) await client.login(ADA);
    await bob.login(BOB);
    const copies = [here, there].map((app) => clientOf(app, copyOf(first.held)));
    expect((await first.post('/logout')).status).toBe(204);
    for (const copy of copies) expect((await copy.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    for (const copy of copies) await expect.poll(async () => (await copy.get('/me')).status, WITHIN).toBe(401);
    expect((await second.get('/me')).status).toBe(200);
    await second.post('/logout-all');
    await expect.poll(async () => (await clientOf(there, second.held).get('/me')).status, WITHIN).toBe(401);
    expect((await bob.get('/me')).status).toBe(200);
  });

  it('is refused with 503 if no current list is available, and accepted again with the next', async () => {
    const client = clientOf(await bench.start(ARM, { settings: { statusListMs: 1_000 } }));
    await client.login(ADA);
    await bench.probe().call('ACL', 'SETUSER', 'default', '-get');
    await thenEnding(
      async () => {
        await expect.poll(async () => (await client.get('/me')).status, WITHIN).toBe(503);
        expect((await client.get('/public')).status).toBe(200);
      },
      () => bench.probe().call('ACL', 'SETUSER', 'default', '+@all'),
    );
    await expect.poll(async () => (await client.get('/me')).status, WITHIN).toBe(200);
  });

  it('names its index and its list, and tokens of other schemes are not accepted as one', async () => {
    const client = clientOf(await bench.start(ARM));
    await client.login(ADA);
    const claims = JSON.parse(Buffer.from(client.held.accessToken?.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.status).toEqual({ status_list: { idx: 0, uri: 'https://tollgate.invalid/status-lists/1' } });
    const plain = clientOf(await bench.start('jwt-hs256'));
    await plain.login(ADA);
    expect((await clientOf(await bench.start(ARM), plain.held).get('/me')).status).toBe(401);
  });
});

describe('the indexes of a status list', () => {
  const LIFETIME_MS = 900_000;
  const PLACES = 2 ** 20;

  async function withBits(clock: () => number, use: (bits: StatusBits) => Promise<void>): Promise<void> {
    const redis = await connectRedis({ url: bench.redis().url, keyPrefix: 's:' }, false, true, clock);
    try {
      await use(statusBits(redis, LIFETIME_MS));
    } finally {
      redis.client.disconnect();
    }
  }

  it('are assigned in order, and their bits have the standard positions', () =>
    withBits(Date.now, async (bits) => {
      const endsAtMs = Date.now() + LIFETIME_MS;
      const places: (number | null)[] = [];
      for (let n = 0; n < 20; n++) places.push(await bits.allocate('u-1', endsAtMs));
      expect(places).toEqual(Array.from({ length: 20 }, (_, n) => n));
      for (const place of [0, 7, 8, 13]) await bits.revoke('u-1', place);
      const read = await bits.read();
      expect(read.length).toBe(PLACES / 8);
      expect(places.filter((place) => statusAt(read, place ?? -1) === 1)).toEqual([0, 7, 8, 13]);
      expect([await bits.isRevoked(13), await bits.isRevoked(14)]).toEqual([true, false]);
      await bits.revokeAllOf('u-1');
      expect(read.length).toBe(PLACES / 8);
      expect((await bits.read()).subarray(0, 4)).toEqual(Buffer.from([255, 255, 15, 0]));
    }));

  it('are reused, with cleared bits, only after all tokens with them have expired', async () => {
    let nowMs = Date.now();
    await withBits(
      () => nowMs,
      async (bits) => {
        const allocate = () => bits.allocate('u-2', nowMs + LIFETIME_MS);
        await allocate();
        // As after a million logins, of which the first in each segment checks whether the next segment is free.
        const begun = Object.fromEntries(Array.from({ length: 256 }, (_, segment) => [segment, nowMs]));
        await bench.probe().hset('s:{status}:segments', begun);
        await bench.probe().set('s:{status}:given', PLACES);
        await bits.revoke('u-9', 4_097);
        await expect(allocate()).rejects.toMatchObject({ statusCode: 503 });
        nowMs += LIFETIME_MS + 120_000;
        expect(await allocate()).toBe(0);
        expect(await bits.isRevoked(4_097)).toBe(false);
      },
    );
  });

  it('are refused to a disabled user', () =>
    withBits(Date.now, async (bits) => {
      await bench.probe().set('s:disabled:{u-3}', '1');
      expect(await bits.allocate('u-3', Date.now() + LIFETIME_MS)).toBeNull();
    }));
});
