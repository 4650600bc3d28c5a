import { describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, BOB, clientOf, copyOf } from '../support/servers.ts';

const bench = armBench();
const ARM = 'session-cookie-cache';
const BOUND_MS = DEFAULT_SETTINGS.cookieCacheMs;
const COPY = 'sid-copy';
const started = (options: Parameters<typeof bench.start>[1] = {}) => bench.start(ARM, options);

describe('a session with a copy in a cookie', () => {
  it('that was ended elsewhere is accepted for no longer than the declared bound', async () => {
    expect(findArm(ARM)?.info.revocation).toEqual({ withinMs: BOUND_MS });
    const clock = turnedClock();
    const [here, there] = await Promise.all([started({ now: clock.now }), started({ now: clock.now })]);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = copyOf(client.held);
    const used = () => clientOf(there, copyOf(stolen)).get('/me');
    expect((await client.post('/logout')).status).toBe(204);
    expect(client.held.cookies).toEqual({});
    clock.forward(0.7 * BOUND_MS);
    expect((await used()).status).toBe(200);
    clock.forward(0.3 * BOUND_MS - 1);
    expect((await used()).status).toBe(200);
    clock.forward(1);
    expect((await used()).status).toBe(401);
  });

  it('asks Redis while a copy that is about to expire is used, and sends its client the result', async () => {
    const clock = turnedClock();
    const client = clientOf(await started({ now: clock.now }));
    await client.login(ADA);
    const first = client.held.cookies[COPY];
    clock.forward(0.79 * BOUND_MS);
    expect((await client.get('/me')).status).toBe(200);
    expect(client.held.cookies[COPY]).toBe(first);
    clock.forward(0.01 * BOUND_MS);
    // The reply does not wait for a slow Redis: a later one contains the copy.
    const copyAfterUse = async () => {
      expect((await client.get('/me')).status).toBe(200);
      return client.held.cookies[COPY];
    };
    await expect.poll(copyAfterUse).not.toBe(first);
    clock.forward(0.9 * BOUND_MS);
    await bench.probe().flushall();
    await expect.poll(copyAfterUse).toBeUndefined();
    expect((await client.get('/me')).status).toBe(401);
  });

  it('is refused a critical operation at once, and its client then loses the copy', async () => {
    const [here, there] = await Promise.all([started(), started()]);
    const client = clientOf(here);
    await client.login(ADA);
    const stolen = clientOf(there, copyOf(client.held));
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(200);
    await client.post('/logout');
    expect((await stolen.post('/transfer', { to: 'bob', amount: 1 })).status).toBe(401);
    expect(stolen.held.cookies[COPY]).toBeUndefined();
    expect((await stolen.get('/me')).status).toBe(401);
  });

  it('is identified only by its session cookie: a copy of another session is ignored', async () => {
    const app = await started();
    const [ada, bob] = [clientOf(app), clientOf(app)];
    await ada.login(ADA);
    await bob.login(BOB);
    const mixed = clientOf(app, {
      ...copyOf(bob.held),
      cookies: { ...bob.held.cookies, [COPY]: ada.held.cookies[COPY] ?? '' },
    });
    expect(JSON.parse((await mixed.get('/me')).text)).toMatchObject({ username: BOB.username });
    await bench.probe().flushall();
    const ended = clientOf(app, { cookies: { ...bob.held.cookies, [COPY]: ada.held.cookies[COPY] ?? '' } });
    expect((await ended.get('/me')).status).toBe(401);
    expect((await clientOf(app, { cookies: { [COPY]: ada.held.cookies[COPY] ?? '' } }).get('/me')).status).toBe(401);
    expect((await ada.get('/me')).status).toBe(200);
  });

  it('keeps its absolute timeout, and is accepted for no longer than the idle timeout', async () => {
    const clock = turnedClock();
    const settings = { idleTimeoutMs: 20_000, absoluteTimeoutMs: 50_000 };
    const app = await started({ now: clock.now, settings });
    const client = clientOf(app);
    await client.login(ADA);
    for (let used = 1; used <= 3; used += 1) {
      clock.forward(16_000);
      expect((await client.get('/me')).status).toBe(200);
    }
    clock.forward(1_999);
    expect((await client.get('/me')).status).toBe(200);
    clock.forward(1);
    expect((await client.get('/me')).status).toBe(401);
    await client.login(ADA);
    const held = copyOf(client.held);
    const unused = () => clientOf(app, copyOf(held)).get('/me');
    await bench.probe().flushall();
    clock.forward(19_999);
    expect((await unused()).status).toBe(200);
    clock.forward(1);
    expect((await unused()).status).toBe(401);
  });

  it('is read again after the clock was set back, and after its key was rotated out', async () => {
    const clock = turnedClock();
    const app = await started({ now: clock.now });
    const client = clientOf(app);
    await client.login(ADA);
    const { cookieKey: _, ...others } = bench.secrets;
    const cookieKey = Buffer.alloc(32, 7).toString('base64');
    const rotated = { ...others, cookieKey, previous: { cookieKey: bench.secrets.cookieKey } };
    const kept = clientOf(await started({ now: clock.now, secrets: rotated }), copyOf(client.held));
    const gone = clientOf(await started({ now: clock.now, secrets: { ...others, cookieKey } }), copyOf(client.held));
    const before = kept.held.cookies.sid;
    clock.forward(0.9 * BOUND_MS);
    const sessionAfterUse = async () => {
      expect((await kept.get('/me')).status).toBe(200);
      return kept.held.cookies.sid;
    };
    await expect.poll(sessionAfterUse).not.toBe(before);
    clock.forward(-0.9 * BOUND_MS);
    await bench.probe().flushall();
    expect((await gone.get('/me')).status).toBe(401);
    expect((await client.get('/me')).status).toBe(200);
    clock.forward(-1);
    expect((await client.get('/me')).status).toBe(401);
  });
});
