import { describe, expect, it } from 'vitest';
import { ADA, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { readExposition } from '../../test/support/watching/exposition.ts';
import { plain, startCollector } from '../../test/support/watching/otlp.ts';
import { findArm } from '../arms.ts';
import type { SchemeSettings } from '../scheme.ts';
import { buildApp } from './app.ts';

const users = testUsers();
const ARMS = ['none', 'jwt-hs256', 'jwt-cookie', 'session-sealed', 'session-memory'];

function start(name: string, settings: Partial<SchemeSettings>) {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return buildApp({ arm, secrets: freshSecrets(), users, settings });
}

describe('the limit of requests by address', () => {
  it('allows the given number of requests a minute on any route, then says when to retry', async () => {
    const app = await start('jwt-hs256', { rateLimit: 'local', requestsPerMinute: 3 });
    const answers = [];
    for (const url of ['/public', '/me', '/nowhere', '/public', '/healthz']) answers.push(await app.inject({ url }));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401, 404, 429, 429]);
    expect(answers[0]?.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    expect(answers[3]?.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(answers[3]?.json()).toMatchObject({ status: 429, detail: 'Too many requests. Try again later.' });
    await app.close();
  });

  it('counts each address separately', async () => {
    const app = await start('none', { rateLimit: 'local', requestsPerMinute: 1 });
    const from = (remoteAddress: string) => app.inject({ url: '/me', remoteAddress });
    expect((await from('127.0.0.1')).statusCode).toBe(200);
    expect((await from('127.0.0.1')).statusCode).toBe(429);
    expect((await from('127.0.0.2')).statusCode).toBe(200);
    await app.close();
  });

  it('is off by default', async () => {
    const app = await start('none', {});
    const answer = await app.inject({ url: '/me' });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-'))).toEqual([]);
    await app.close();
  });

  it('does not share its count with failed logins', async () => {
    const app = await start('jwt-hs256', { rateLimit: 'local', requestsPerMinute: 1_000, failedLoginsPerUser: 2 });
    const wrong = () => app.inject({ method: 'POST', url: '/login', payload: { ...ADA, password: 'wrong' } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await wrong()).statusCode);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await app.inject({ url: '/public' })).statusCode).toBe(200);
    await app.close();
  });

  it('needs a Redis if it is shared', async () => {
    await expect(start('none', { rateLimit: 'redis' })).rejects.toMatchObject({ code: 'REDIS_MISSING' });
  });
});

describe('the security headers', () => {
  it.each(ARMS)('are the same in every reply of %s, including errors', async (name) => {
    const app = await start(name, { securityHeaders: true });
    const client = clientOf(app);
    const login = await client.login(ADA);
    const replies = [login, await client.get('/me'), await client.get('/nowhere'), await clientOf(app).get('/admin')];
    for (const { headers } of replies) {
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
    }
    await app.close();
  });
});

describe('the metrics', () => {
  it('count requests by route and status, whatever the path', async () => {
    const app = await start('jwt-hs256', { metrics: true, rateLimit: 'local', requestsPerMinute: 5 });
    for (const url of ['/public', '/public', '/me', '/nowhere?a=1', '/elsewhere', '/public']) await app.inject({ url });
    const limited = await app.inject({ url: '/metrics' });
    expect(limited.statusCode).toBe(429);
    await app.close();
    const open = await start('jwt-hs256', { metrics: true });
    for (const url of ['/public', '/public', '/me', '/nowhere?a=1', '/elsewhere']) await open.inject({ url });
    const scrape = await open.inject({ url: '/metrics' });
    expect(scrape.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    const { samples, types } = readExposition(scrape.body);
    expect(types.get('tollgate_replica_request_seconds')).toBe('histogram');
    const counts = samples
      .filter(({ name }) => name === 'tollgate_replica_request_seconds_count')
      .map(({ labels: { route, status }, value }) => [route, status, value]);
    expect(counts.sort()).toEqual([
      ['/me', '401', 1],
      ['/public', '200', 2],
      ['none', '404', 2],
    ]);
    expect(samples.find(({ name }) => name === 'process_cpu_seconds_total')?.value).toBeGreaterThan(0);
    await open.close();
  });

  it('are separate for each server, and off by default', async () => {
    const [one, other] = [await start('none', { metrics: true }), await start('none', { metrics: true })];
    await one.inject({ url: '/public' });
    const { body } = await other.inject({ url: '/metrics' });
    expect(body).not.toContain('route="/public"');
    await Promise.all([one.close(), other.close()]);
    const plain = await start('none', {});
    expect((await plain.inject({ url: '/metrics' })).statusCode).toBe(404);
    await plain.close();
  });
});

describe('the traces', () => {
  it('have a span for each request, without any data from the client', async () => {
    const collector = await startCollector();
    const app = await start('session-memory', { traceEndpoint: collector.url });
    const client = clientOf(app);
    await client.login(ADA);
    expect((await client.get('/me')).status).toBe(200);
    const secret = 'tell-nobody';
    const headers = { authorization: `Bearer ${secret}`, cookie: `sid=${secret}`, traceparent: secret };
    await app.inject({ url: `/me?key=${secret}`, headers });
    await app.inject({ url: `/nowhere/${secret}`, headers });
    expect(app.spanCounts?.()).toEqual({ made: 4, arrived: 0 });
    await app.close();
    collector.close();
    expect(app.spanCounts?.()).toEqual({ made: 4, arrived: 4 });
    const spans = collector.spans();
    expect(spans.map(({ name, kind, attributes }) => [name, kind, plain(attributes)])).toEqual(
      (
        [
          ['POST', '/login', 200],
          ['GET', '/me', 200],
          ['GET', '/me', 401],
          ['GET', 'none', 404],
        ] as const
      ).map(([method, route, status]) => [
        `${method} ${route}`,
        2, // SERVER (opentelemetry-proto, Span.SpanKind)
        { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
      ]),
    );
    expect(collector.resource()).toMatchObject({ 'service.name': 'tollgate session-memory' });
    const sent = collector.bodies().join('');
    for (const word of [secret, ADA.password, `"${ADA.username}"`]) expect(sent).not.toContain(word);
  });

  it('neither fail nor delay requests if no collector answers, and are off by default', async () => {
    const gone = await startCollector();
    gone.close();
    const app = await start('none', { traceEndpoint: gone.url });
    expect((await app.inject({ url: '/me' })).statusCode).toBe(200);
    await app.close();
    expect(app.spanCounts?.()).toEqual({ made: 1, arrived: 0 });
    const plainApp = await start('none', {});
    expect(plainApp.spanCounts).toBeNull();
    await plainApp.close();
  });
});
