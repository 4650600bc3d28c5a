// The gate in the suite of an application: install the package tollgate beside vitest, and name the requests.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkService, type ServiceConfig } from 'tollgate/gate';
import { expect, it } from 'vitest';
import { makeApp } from './app.js';

const users = { alice: 'open sesame', bob: 'xyzzy' };

function configFor(url: string): ServiceConfig {
  return {
    name: 'shop',
    urls: [url],
    users: [
      { username: 'alice', password: { env: 'ALICE' } },
      { username: 'bob', password: { env: 'BOB' } },
    ],
    login: {
      request: {
        method: 'POST',
        path: '/login',
        json: { username: '{{username}}', password: '{{password}}' },
        status: 204,
      },
      credential: { cookie: 'connect.sid' },
    },
    requests: {
      guarded: { path: '/account' },
      public: { path: '/' },
      logout: { method: 'POST', path: '/logout', status: 204 },
    },
    identity: '/user/name',
  };
}

it('passes the security checks', { timeout: 60_000 }, async () => {
  const secret = crypto.randomUUID() + crypto.randomUUID();
  const server = makeApp({ users, secret }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const environment = { ALICE: users.alice, BOB: users.bob };
    const { failed, outcomes } = await checkService(configFor(url), { environment });
    expect(failed).toEqual([]);
    expect(outcomes.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(10);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
