/** Services whose login takes more than one request: the gate finds exactly the planted faults. */

import { expect, it } from 'vitest';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { discover } from '../../target/discover/discover.ts';
import { endpointOf } from '../../target/flow/endpoint.ts';
import { gateService } from '../../target/gate/run.ts';
import { judged as judgedBy } from '../support/judged.ts';
import { api, CONFIGS, graphql, PASSWORD, portal, serving } from '../support/services/portal.ts';
import { makeShop } from '../support/shop.ts';

const SERVICES = { portal, api, graphql };

const judged = (kind: keyof typeof SERVICES, faults: readonly string[] = []) =>
  judgedBy(SERVICES[kind](faults), CONFIGS[kind]);

it('passes a portal with forms, whose CSRF cookie scripts may read, and finds its planted faults', async () => {
  const sound = await judged('portal');
  expect(sound.failed, sound.details).toEqual([]);
  expect(sound.passed).toEqual([
    20, 21, 22, 23, 30, 33, 34, 35, 36, 38, 39, 41, 49, 52, 55, 68, 101, 102, 104, 105, 106,
  ]);
  const holed = await judged('portal', ['httponly', 'password', 'link', 'fixation']);
  expect(holed.failed, holed.details).toEqual([20, 21, 33, 104, 105]);
  expect(holed.details).toContain('33: sid has no HttpOnly');
});

it('passes an API with refresh tokens in a cookie and tokens without ids, and finds its planted faults', async () => {
  const [sound, open, reused] = await Promise.all(
    [[], ['family', 'httponly'], ['reuse']].map((faults) => judged('api', faults)),
  );
  expect(sound?.failed, sound?.details).toEqual([]);
  expect(sound?.passed).toEqual(expect.arrayContaining([4, 12, 23, 33, 34, 42, 43, 46, 53, 104]));
  expect(open?.failed, open?.details).toEqual([33, 43]);
  expect(reused?.failed, reused?.details).toEqual([42]);
});

it('distinguishes GraphQL refusals from success, and finds a logout that ends nothing', async () => {
  const sound = await judged('graphql');
  expect(sound.failed, sound.details).toEqual([]);
  expect(sound.passed).toEqual([23, 30, 38, 39, 41, 49, 52, 55, 101, 102, 104, 106]);
  const holed = await judged('graphql', ['logout']);
  expect(holed.failed, holed.details).toEqual([23, 55]);
});

it('discovers a login by form, below the path of the URL', async () => {
  const inner = portal([]);
  const below = await serving((asked) => {
    const { location, ...reply } = inner({ ...asked, route: asked.route.replace(' /app', ' ') });
    if (!asked.route.includes(' /app/')) return { status: 404 };
    return { ...reply, ...(location === undefined ? {} : { location: `/app${location}` }) };
  });
  try {
    const url = new URL(`${below.urls[0]}/app/`);
    const user = { username: 'alice', password: PASSWORD };
    const found = await discover({
      url,
      endpoint: endpointOf(url, null),
      user,
      login: null,
      guarded: null,
      passwordVariable: 'TARGET_PASSWORD',
      signal: new AbortController().signal,
    });
    expect(found.login).toEqual({
      before: { request: { path: '/app/login' }, csrf: { html: 'token' } },
      request: {
        method: 'POST',
        path: '/app/login',
        form: { token: '{{csrf}}', user: '{{username}}', pass: '{{password}}' },
        status: 302,
      },
      credential: { cookie: 'sid' },
    });
    expect(found.requests).toEqual({ guarded: { path: '/app/home' }, public: { path: '/app/' } });
  } finally {
    below.stop();
  }
});

it('reports that a replica ended for each check that ends it, and runs the others on a new one', async () => {
  const shop = makeShop({ kind: 'session', faults: ['crashes'] });
  const janitor = await Janitor.start();
  await thenEnding(
    async () => {
      const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
      const { result } = await gateService({ service: shop.service, environment, quick: false, maxRps: null });
      const failed = result.arms.flatMap((arm) => arm.outcomes).filter(({ verdict }) => verdict === 'fail');
      expect(failed.map(({ check }) => check)).toEqual([41, 49]);
      for (const { detail } of failed) expect(detail).toMatch(/^a replica ended: .*URI malformed/);
    },
    () => janitor.finish(),
    () => shop.remove(),
  );
});
