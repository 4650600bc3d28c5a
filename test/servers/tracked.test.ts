import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, BOB, type Client, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const ARMS = ['session-tracked', 'session-tracked-broadcast'];

/** Waits for an effect of Redis or a socket; the test's own deadline ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}

/** Number of session reads that Redis has executed. */
async function reads(): Promise<number> {
  const stats = await bench.probe().info('commandstats');
  return [...stats.matchAll(/cmdstat_(?:get|getex):calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** Uses a session until it is served without a read: it is then cached, and invalidations are known to arrive. */
const cached = (client: Client) =>
  until(async () => {
    const before = await reads();
    expect((await client.get('/me')).status).toBe(200);
    return (await reads()) === before;
  });

describe.each(ARMS)('%s', (arm) => {
  it('serves a session from memory until Redis reports its end, wherever that happened', async () => {
    const [here, there] = await Promise.all([bench.start(arm), bench.start(arm)]);
    const [ada, bob] = [clientOf(here), clientOf(here)];
    await ada.login(ADA);
    await bob.login(BOB);
    const stolen = clientOf(there, copyOf(ada.held));
    for (const client of [ada, bob, stolen]) await cached(client);
    expect((await ada.post('/logout')).status).toBe(204);
    await until(async () => (await stolen.get('/me')).status === 401);
    await cached(bob);
    await bench.probe().del(...(await bench.probe().keys(`${arm}:session:*`)));
    await until(async () => (await bob.get('/me')).status === 401);
  });

  it('refuses an ended session a critical operation at once', async () => {
    const [here, there] = await Promise.all([bench.start(arm), bench.start(arm)]);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = clientOf(there, copyOf(client.held));
    await cached(stolen);
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    await client.post('/logout-all');
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it('trusts no cached session after connections were cut, until changes are reported again', async () => {
    const client = clientOf(await bench.start(arm));
    await client.login(ADA);
    await cached(client);
    await bench.probe().pipeline().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').flushall().exec();
    await until(async () => (await client.get('/me')).status === 401);
    await until(async () => (await client.login(ADA)).status === 200);
    await cached(client);
    await bench.probe().flushall();
    await until(async () => (await client.get('/me')).status === 401);
  });

  it('records a use after a part of the idle timeout, not every use', async () => {
    const clock = turnedClock();
    const client = clientOf(await bench.start(arm, { now: clock.now, settings: { idleTimeoutMs: 300_000 } }));
    await client.login(ADA);
    await cached(client);
    const [key = ''] = await bench.probe().keys(`${arm}:session:*`);
    // Its own change is reported as well, and the session is read again.
    await bench.probe().pexpire(key, 290_000);
    await until(async () => {
      await client.get('/me');
      return (await bench.probe().pttl(key)) > 291_000;
    });
    await cached(client);
    await bench.probe().config('RESETSTAT');
    for (let i = 0; i < 5; i += 1) await client.get('/me');
    expect(await bench.probe().info('commandstats')).not.toContain('cmdstat_pexpire');
    clock.forward(11_000);
    await client.get('/me');
    await until(async () => (await bench.probe().info('commandstats')).includes('cmdstat_pexpire'));
  });

  it('ends a session at its idle timeout, even if Redis removes it later', async () => {
    const clock = turnedClock();
    const client = clientOf(await bench.start(arm, { now: clock.now, settings: { idleTimeoutMs: 60_000 } }));
    await client.login(ADA);
    await cached(client);
    clock.forward(60_001);
    const before = await reads();
    await client.get('/me');
    expect(await reads()).toBeGreaterThan(before);
  });
});

describe('a cache whose Redis stops answering', () => {
  it('is trusted for the bound at most', async () => {
    const client = clientOf(await bench.start('session-tracked', { settings: { trackingBoundMs: 200 } }));
    await client.login(ADA);
    await cached(client);
    const { process: server } = bench.redis();
    server.kill('SIGSTOP');
    const stoppedMs = performance.now();
    try {
      let servedMs = 0;
      await until(async () => {
        const sentMs = performance.now();
        const { status } = await client.get('/me');
        if (status === 200) servedMs = sentMs - stoppedMs;
        return status === 503;
      });
      expect(servedMs).toBeLessThanOrEqual(200);
    } finally {
      server.kill('SIGCONT');
    }
    await until(async () => (await client.get('/me')).status === 200);
    await cached(client);
  });
});
