/** Each experiment on a service sends the service's own requests. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { everyUser, requestsOf, targetAt } from '../../bench/experiments/scale/layout.ts';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import { meRequests } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { meet } from '../../target/gate/subject.ts';
import { armsOf } from '../../target/measure/arms.ts';
import { startService } from '../../target/process/fleet.ts';
import { makeShop, type Shop } from '../support/shop.ts';

let janitor: Janitor;
let shop: Shop;
beforeEach(async () => {
  janitor = await Janitor.start();
});
afterEach(async () => {
  shop.remove();
  await janitor.finish();
});

it('repeats the guarded request of each session, and the public request without a credential', async () => {
  shop = makeShop({ kind: 'session' });
  const { signal } = new AbortController();
  const onNote = () => {};
  const first = await startService(shop.service, { janitor, accounts: null, signal, onNote });
  const endpoint = first.replicas[0]?.endpoint ?? { host: '', port: 0, certificate: null };
  const { arm } = await meet(shop.service, endpoint);
  await first.stop();
  const { arms, foreign } = armsOf(shop.service, arm, { signal, onNote });
  const environment = {
    janitor,
    secrets: await makeSecrets(),
    users: [],
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath: () => {},
  };
  const fleets: Fleet[] = [];
  await thenEnding(
    async () => {
      for (const info of arms) {
        const spec = { key: info.name, arm: info, replicas: 2, users: 3 };
        const start = foreign.get(info.name);
        if (start === undefined) throw new Error('the arm has no start');
        fleets.push(await start(environment, spec));
      }
      const [guarded, open] = fleets;
      if (guarded === undefined || open === undefined) throw new Error('there are not two fleets');
      const requests = meRequests(guarded);
      expect(requests.map(({ method, path, expectedStatus }) => [method, path, expectedStatus])).toEqual(
        Array(3).fill(['GET', '/account', 200]),
      );
      // Alice, Bob, and Alice once more, in separate sessions.
      expect(requests.map(({ expectedBody }) => expectedBody)).toEqual(
        ['alice', 'bob', 'alice'].map((name) => JSON.stringify({ user: { name } })),
      );
      expect(new Set(requests.map(({ headers }) => headers.cookie)).size).toBe(3);
      expect(requestsOf(guarded, everyUser(guarded))).toEqual(requests);
      expect(targetAt(guarded, requests, [1]).addresses).toEqual([guarded.replicas[1]?.address]);
      expect(meRequests(open)).toEqual(
        Array(3).fill({ method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: '{"shop":"open"}' }),
      );
      expect(guarded.foreign?.rssBytes()).toBeGreaterThan(1_000_000);
    },
    () => Promise.all(fleets.map((fleet) => fleet.stop())),
  );
});
