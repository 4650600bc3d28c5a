import { describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const BOUND_MS = DEFAULT_SETTINGS.cacheStalenessMs;

describe('a session behind a cache', () => {
  it('that was ended elsewhere is accepted for no longer than the declared bound', async () => {
    expect(findArm('session-cached')?.info.revocation).toEqual({ withinMs: BOUND_MS });
    const clock = turnedClock();
    const [here, there] = await Promise.all([
      bench.start('session-cached', { now: clock.now }),
      bench.start('session-cached', { now: clock.now }),
    ]);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = clientOf(there, copyOf(client.held));
    expect((await stolen.get('/me')).status).toBe(200);
    expect((await client.post('/logout')).status).toBe(204);
    clock.forward(BOUND_MS - 1);
    expect((await stolen.get('/me')).status).toBe(200);
    clock.forward(1);
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it('is refused a critical operation at once, and is then evicted', async () => {
    const [here, there] = await Promise.all([bench.start('session-cached'), bench.start('session-cached')]);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = clientOf(there, copyOf(client.held));
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    await client.post('/logout');
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it.each(['/logout', '/logout-all', '/admin/users/u-1/disable'])(
    'ends at once on the replica that handles %s',
    async (path) => {
      const clock = turnedClock();
      const app = await bench.start('session-cached', { now: clock.now });
      const client = clientOf(app);
      await client.login(ADA);
      const stolen = clientOf(app, copyOf(client.held));
      expect((await stolen.get('/me')).status).toBe(200);
      expect((await client.post(path)).status).toBe(204);
      expect((await stolen.get('/me')).status).toBe(401);
    },
  );

  it('has its idle timeout extended once per bound, and ends at its absolute timeout even within it', async () => {
    const clock = turnedClock();
    const settings = { idleTimeoutMs: 60_000, absoluteTimeoutMs: 600_000 };
    const client = clientOf(await bench.start('session-cached', { now: clock.now, settings }));
    await client.login(ADA);
    const [key = ''] = await bench.probe().keys('session-cached:session:*');
    await client.get('/me');
    await bench.probe().pexpire(key, 20_000);
    await client.get('/me');
    expect(await bench.probe().pttl(key)).toBeLessThanOrEqual(20_000);
    clock.forward(BOUND_MS);
    expect((await client.get('/me')).status).toBe(200);
    expect(await bench.probe().pttl(key)).toBeGreaterThan(30_000);
    clock.forward(600_000 - BOUND_MS - 1);
    expect((await client.get('/me')).status).toBe(200);
    clock.forward(1);
    expect((await client.get('/me')).status).toBe(401);
  });

  it('is read again after the clock was set back', async () => {
    const clock = turnedClock();
    const client = clientOf(await bench.start('session-cached', { now: clock.now }));
    await client.login(ADA);
    await client.get('/me');
    await bench.probe().flushall();
    expect((await client.get('/me')).status).toBe(200);
    clock.forward(-1);
    expect((await client.get('/me')).status).toBe(401);
  });
});
