import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { LoginReply } from '../../servers/contract.ts';
import { armBench, turnedClock } from '../support/arms.ts';
import { ADA, type Answer, BOB, clientOf, freshSecrets } from '../support/servers.ts';

const bench = armBench();
const GRACE_MS = 10_000;
const IDLE_MS = 60_000;
const ABSOLUTE_MS = 300_000;
const settings = { refreshGraceMs: GRACE_MS, idleTimeoutMs: IDLE_MS, absoluteTimeoutMs: ABSOLUTE_MS };

const trade = (app: FastifyInstance, refreshToken: string | undefined): Promise<Answer> =>
  clientOf(app).post('/refresh', { refreshToken });
const tokenIn = (answer: Answer): string => {
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.text) as LoginReply).refreshToken ?? '';
};
async function loggedIn(app: FastifyInstance, who = ADA): Promise<string> {
  return tokenIn(await clientOf(app).login(who));
}

describe('a refresh token', () => {
  it('is exchanged for a new one and an access token of the same user', async () => {
    const app = await bench.start('jwt-refresh', { settings });
    const first = await loggedIn(app);
    const answer = await trade(app, first);
    const reply = JSON.parse(answer.text) as LoginReply;
    expect(reply.user.username).toBe('ada');
    expect(reply.refreshToken).not.toBe(first);
    const client = clientOf(app, { cookies: {}, accessToken: reply.accessToken });
    expect((await client.get('/me')).status).toBe(200);
  });

  it('ends its whole family if it is used again', async () => {
    const clock = turnedClock();
    const app = await bench.start('jwt-refresh', { settings, now: clock.now });
    const [first, elsewhere] = [await loggedIn(app), await loggedIn(app)];
    const second = tokenIn(await trade(app, first));
    clock.forward(GRACE_MS);
    expect((await trade(app, first)).status).toBe(401);
    expect((await trade(app, second)).status).toBe(401);
    expect(await bench.probe().zcard('jwt-refresh:user:{u-1}')).toBe(1);
    // Another login of the same user is another family.
    expect((await trade(app, elsewhere)).status).toBe(200);
  });

  it('ends its family even within the grace period, once its successor has been used', async () => {
    const app = await bench.start('jwt-refresh', { settings });
    const first = await loggedIn(app);
    const third = tokenIn(await trade(app, tokenIn(await trade(app, first))));
    expect((await trade(app, first)).status).toBe(401);
    expect((await trade(app, third)).status).toBe(401);
  });

  it('has one successor if several tabs use it on several replicas, and all stay logged in', async () => {
    const clock = turnedClock();
    const apps = await Promise.all([1, 2].map(() => bench.start('jwt-refresh', { settings, now: clock.now })));
    const [here, there] = apps as [FastifyInstance, FastifyInstance];
    const first = await loggedIn(here);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => trade(i % 2 ? here : there, first)));
    const successors = new Set(answers.map(tokenIn));
    expect(successors.size).toBe(1);
    clock.forward(GRACE_MS - 1);
    expect(tokenIn(await trade(there, first))).toBe([...successors][0]);
    expect((await trade(here, [...successors][0])).status).toBe(200);
  });

  it('ends its family after the grace period, whatever the clock of the replica', async () => {
    const clock = turnedClock();
    const apps = await Promise.all([
      bench.start('jwt-refresh', { settings, now: () => clock.now() + 60_000, storeNow: clock.now }),
      bench.start('jwt-refresh', { settings, now: clock.now }),
    ]);
    const [fast, slow] = apps as [FastifyInstance, FastifyInstance];
    const first = await loggedIn(fast);
    const second = tokenIn(await trade(fast, first));
    clock.forward(GRACE_MS + 1_000);
    expect((await trade(slow, first)).status).toBe(401);
    expect((await trade(slow, second)).status).toBe(401);
  });

  it('ends its family if the store’s clock was set back since the exchange', async () => {
    const clock = turnedClock();
    const app = await bench.start('jwt-refresh', { settings, now: clock.now });
    const first = await loggedIn(app);
    await trade(app, first);
    clock.forward(-60_000);
    expect((await trade(app, first)).status).toBe(401);
  });

  it('expires if it was idle for too long, and at its absolute end despite use', async () => {
    const clock = turnedClock();
    const app = await bench.start('jwt-refresh', { settings, now: clock.now });
    let token = await loggedIn(app);
    const [family = ''] = await bench.probe().keys('jwt-refresh:session:*');
    expect(await bench.probe().pttl(family)).toBeLessThanOrEqual(IDLE_MS);
    await bench.probe().pexpire(family, IDLE_MS / 3);
    token = tokenIn(await trade(app, token));
    expect(await bench.probe().pttl(family)).toBeGreaterThan(IDLE_MS / 2);
    clock.forward(ABSOLUTE_MS - 1);
    token = tokenIn(await trade(app, token));
    expect(await bench.probe().pttl(family)).toBeLessThanOrEqual(1);
    const late = await loggedIn(app, BOB);
    clock.forward(ABSOLUTE_MS);
    expect((await trade(app, token)).status).toBe(401);
    expect((await trade(app, late)).status).toBe(401);
    expect(await bench.probe().keys('jwt-refresh:session:*')).toEqual([]);
  });

  it.each(['/logout', '/logout-all', '/admin/users/u-1/disable'])('is refused after %s at once', async (path) => {
    const app = await bench.start('jwt-refresh', { settings });
    const client = clientOf(app);
    const token = tokenIn(await client.login(ADA));
    expect((await client.post(path)).status).toBe(204);
    expect((await trade(app, token)).status).toBe(401);
    // The access token stays valid for its declared lifetime.
    expect((await client.get('/me')).status).toBe(200);
  });

  it('that no server issued is refused, and ends no family', async () => {
    const app = await bench.start('jwt-refresh', { settings });
    const client = clientOf(app);
    const token = tokenIn(await client.login(ADA));
    const [family, , mac = ''] = token.split('.');
    const other = await loggedIn(app, BOB);
    for (const forged of [
      `${family}.2.${mac}`,
      `${family}.1.${other.split('.')[2]}`,
      `${other.split('.')[0]}.1.${mac}`,
      `${family}.01.${mac}`,
      `${token}x`,
      client.held.accessToken,
      'x',
      '..',
      undefined,
    ])
      expect((await trade(app, forged)).status).toBe(401);
    expect((await trade(app, token)).status).toBe(200);
  });

  it('is not accepted as an access token', async () => {
    const app = await bench.start('jwt-refresh', { settings });
    const token = await loggedIn(app);
    expect((await clientOf(app, { cookies: {}, accessToken: token }).get('/me')).status).toBe(401);
  });

  it('outlives a rotation of the key, and stores nothing usable', async () => {
    const token = await loggedIn(await bench.start('jwt-refresh', { settings }));
    const rotated = { ...freshSecrets(), previous: { hmacKey: bench.secrets.hmacKey } };
    const after = await bench.start('jwt-refresh', { settings, secrets: rotated });
    const second = tokenIn(await trade(after, token));
    const [family = ''] = await bench.probe().keys('jwt-refresh:session:*');
    const stored = JSON.stringify(await bench.probe().hgetall(family));
    for (const each of [token, second]) expect(stored).not.toContain(each.split('.')[2]);
  });
});
