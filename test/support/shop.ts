/** Configurations of the test service, as its owner would write them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseService, type Service } from '../../target/config/service.ts';

const SHOP = join(import.meta.dirname, 'services/shop.ts');
export const SECRET = 'kU3vS0m3-l0ng-and-r4ther-r4nd0m-secret-of-a-t3st';

export interface ShopOptions {
  readonly kind: 'session' | 'bearer' | 'cookie';
  readonly faults?: readonly string[];
  /** Merged over the configuration. */
  readonly config?: object;
  readonly secret?: string;
  readonly requests?: object;
}

/** A configuration and the files that it refers to. */
export function shopConfig({ kind, faults = [], config = {}, requests, secret = SECRET }: ShopOptions, state: string) {
  const credential = kind === 'bearer' ? { json: '/access/token' } : { cookie: kind === 'session' ? 'sid' : 'token' };
  const value = {
    name: 'shop',
    start: {
      command: [process.execPath, SHOP],
      environment: {
        KIND: kind,
        STATE: state,
        FAULTS: faults.join(','),
        SECRET: { env: 'SHOP_SECRET' },
        PASSWORD: { env: 'SHOP_PASSWORD' },
      },
      ready: { path: '/' },
    },
    users: ['alice', 'bob'].map((username) => ({ username, password: { env: 'SHOP_PASSWORD' } })),
    admin: { username: 'root', password: { env: 'SHOP_PASSWORD' } },
    login: {
      request: { method: 'POST', path: '/login', json: { user: '{{username}}', password: '{{password}}' } },
      credential,
    },
    requests: requests ?? {
      guarded: { path: '/account' },
      public: { path: '/' },
      critical: { method: 'POST', path: '/buy', json: { item: 1 }, status: 201 },
      logout: { method: 'POST', path: '/logout', status: 204 },
      ...(kind === 'session' ? { logoutAll: { method: 'POST', path: '/logout-all', status: 204 } } : {}),
      admin: { path: '/admin' },
    },
    identity: '/user/name',
    ...config,
  };
  return { value, env: { ...process.env, SHOP_SECRET: secret, SHOP_PASSWORD: 'open-sesame' } };
}

export interface Shop {
  readonly service: Service;
  remove(): void;
}

export function makeShop(options: ShopOptions): Shop {
  const state = mkdtempSync(join(tmpdir(), 'tollgate-test-shop-'));
  const { value, env } = shopConfig(options, state);
  const service = parseService('service.json', JSON.stringify(value), { folder: state, env });
  return { service, remove: () => rmSync(state, { recursive: true, force: true }) };
}
