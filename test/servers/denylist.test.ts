import { describe, expect, it } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const LIFETIME_MS = 15 * 60_000;

/** Permissions removed from the probe's Redis stand for an outage: it answers each command with an error. */
const refuse = (command: string) => bench.probe().call('ACL', 'SETUSER', 'default', `-${command}`);
const allow = () => bench.probe().call('ACL', 'SETUSER', 'default', '+@all');

describe('a token with a denylist', () => {
  it('is refused on every replica from the moment of its logout, but other tokens of its user are not', async () => {
    const [here, there] = await Promise.all([bench.start('jwt-denylist'), bench.start('jwt-denylist')]);
    const [first, second] = [clientOf(here), clientOf(here)];
    await first.login(ADA);
    await second.login(ADA);
    expect((await first.post('/logout')).status).toBe(204);
    for (const app of [here, there]) {
      expect((await clientOf(app, copyOf(first.held)).get('/me')).status).toBe(401);
      expect((await clientOf(app, copyOf(second.held)).get('/me')).status).toBe(200);
    }
  });

  it('leaves entries that expire with the token, and no sooner', async () => {
    const client = clientOf(await bench.start('jwt-denylist'));
    await client.login(ADA);
    const copy = clientOf(await bench.start('jwt-denylist'), copyOf(client.held));
    await client.post('/logout');
    await copy.get('/me');
    const exp = JSON.parse(Buffer.from(copy.held.accessToken?.split('.')[1] ?? '', 'base64url').toString()).exp;
    const [entry = ''] = await bench.probe().keys('jwt-denylist:denied:*');
    expect(await bench.probe().pexpiretime(entry)).toBe(exp * 1000);
    const other = clientOf(await bench.start('jwt-denylist'));
    await other.login(BOB);
    const before = Date.now();
    await other.post('/logout-all');
    expect(await bench.probe().pexpiretime('jwt-denylist:denied-until:{u-2}')).toBeGreaterThan(before + LIFETIME_MS);
  });

  it('is refused after logout-all if it was issued before, but not if it was issued later', async () => {
    const clock = turnedClock();
    const app = await bench.start('jwt-denylist', { now: clock.now });
    const [before, after] = [clientOf(app), clientOf(app)];
    await before.login(ADA);
    await before.post('/logout-all');
    expect((await before.get('/me')).status).toBe(401);
    // Within the same second: `iat` in whole seconds could not distinguish them.
    clock.forward(1);
    await after.login(ADA);
    expect((await after.get('/me')).status).toBe(200);
  });

  it('is refused with 503 while the denylist does not answer', async () => {
    const client = clientOf(await bench.start('jwt-denylist'));
    await client.login(ADA);
    await refuse('mget');
    await thenEnding(
      async () => {
        expect((await client.get('/me')).status).toBe(503);
      },
      () => allow(),
    );
    expect((await client.get('/me')).status).toBe(200);
  });

  it('passes unchecked with fail-open, but not for a critical operation', async () => {
    const client = clientOf(await bench.start('jwt-denylist', { settings: { denylistFailOpen: true } }));
    await client.login(ADA);
    await refuse('mget');
    await refuse('exists');
    await thenEnding(
      async () => {
        expect((await client.get('/me')).status).toBe(200);
        expect((await client.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(503);
        expect((await clientOf(await bench.start('jwt-denylist')).get('/me')).status).toBe(401);
      },
      () => allow(),
    );
  });

  it('that was ended passes only reads while the denylist does not answer, even with fail-open', async () => {
    const app = await bench.start('jwt-denylist-open');
    const client = clientOf(app);
    await client.login(ADA);
    const copy = copyOf(client.held);
    await client.post('/logout');
    const ended = clientOf(app, copy);
    expect((await ended.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    // Only the denylist is silent: later steps can still be answered, as after a pause of Redis.
    await refuse('mget');
    await thenEnding(
      async () => {
        expect((await ended.get('/me')).status).toBe(200);
        expect((await ended.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(503);
        expect((await ended.post('/logout-all')).status).toBe(503);
        expect((await ended.post('/admin/users/u-2/disable')).status).toBe(503);
      },
      () => allow(),
    );
  });

  it('is ended by logout-all at a replica whose clock is behind that of its issuer', async () => {
    const ahead = () => Date.now() + 2_000;
    const [fast, slow] = await Promise.all([
      bench.start('jwt-denylist', { now: ahead, storeNow: null }),
      bench.start('jwt-denylist'),
    ]);
    const [thief, victim] = [clientOf(fast), clientOf(slow)];
    await thief.login(ADA);
    await victim.login(ADA);
    expect((await victim.post('/logout-all')).status).toBe(204);
    for (const app of [fast, slow]) expect((await clientOf(app, copyOf(thief.held)).get('/me')).status).toBe(401);
  });

  it('stays ended if its user is logged out again by a clock that was set back', async () => {
    const clock = turnedClock();
    const app = await bench.start('jwt-denylist', { now: clock.now });
    const [token, admin] = [clientOf(app), clientOf(app)];
    await token.login(BOB);
    const copy = copyOf(token.held);
    await token.post('/logout-all');
    clock.forward(-5_000);
    await admin.login(ADA);
    expect((await admin.post('/admin/users/u-2/disable')).status).toBe(204);
    expect((await clientOf(app, copy).get('/me')).status).toBe(401);
  });
});
