/** The gate runs every applicable check on an external service, and finds the planted faults. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHECKS } from '../../bench/gate/registry.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { RULES } from '../../target/gate/rules.ts';
import { gateService } from '../../target/gate/run.ts';
import { makeShop, type ShopOptions } from '../support/shop.ts';

let janitor: Janitor;
beforeEach(async () => {
  janitor = await Janitor.start();
});
afterEach(() => janitor.finish());

/** Outcomes by check number. */
async function outcomes(options: ShopOptions) {
  const shop = makeShop(options);
  try {
    const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
    const { result } = await gateService({ service: shop.service, environment, quick: false, maxRps: null });
    return new Map(result.arms[0]?.outcomes.map((outcome) => [outcome.check, outcome]));
  } finally {
    shop.remove();
  }
}

type Outcomes = Awaited<ReturnType<typeof outcomes>>;
const having = (all: Outcomes, verdict: string) =>
  [...all.values()].filter((outcome) => outcome.verdict === verdict).map(({ check, detail }) => `${check}: ${detail}`);
const passed = (all: Outcomes) =>
  [...all.values()].filter(({ verdict }) => verdict === 'pass').map(({ check }) => check);

it('has a rule for every check', () => {
  for (const { id } of CHECKS) expect(RULES[id], `check ${id}`).toBeTypeOf('function');
});

const OF_TOKENS = [1, 5, 6, 7, 8, 10, 11, 18];
const OF_SIGNED_TOKENS = [4, 9, 12, 13, 61, 62];

it('passes a sound service with sessions', async () => {
  const all = await outcomes({ kind: 'session' });
  expect(having(all, 'fail')).toEqual([]);
  expect(passed(all)).toEqual([
    20, 21, 22, 23, 24, 30, 33, 34, 35, 38, 39, 41, 49, 51, 52, 55, 101, 102, 103, 104, 105, 106,
  ]);
  expect(all.get(1)?.detail).toBe('the credential is not a signed JSON Web Token');
  expect(all.get(32)?.detail).toBe('the service does not speak TLS');
});

it('passes a sound service with bearer tokens, and signs test tokens if it has the key', async () => {
  const all = await outcomes({ kind: 'bearer', config: { token: { key: { env: 'SHOP_SECRET' } } } });
  expect(having(all, 'fail')).toEqual([]);
  const others = [23, 30, 38, 39, 41, 49, 51, 52, 55, 101, 102, 103, 104];
  expect(passed(all)).toEqual([...OF_TOKENS, ...OF_SIGNED_TOKENS, ...others].toSorted((a, b) => a - b));
  expect(all.get(14)?.detail).toBe('its tokens have no iss');
});

it('finds exactly the five planted faults', async () => {
  const requests = {
    guarded: { path: '/account' },
    public: { path: '/' },
    logout: { method: 'POST', path: '/logout', status: 204 },
  };
  const all = await outcomes({
    kind: 'cookie',
    faults: ['url', 'rotation', 'alg', 'logout', 'httponly'],
    requests,
  });
  const found = having(all, 'fail');
  expect(found).toHaveLength(5);
  expect(found[0]).toMatch(/^1: alg "none" without a signature got 200/);
  expect(found[1]).toBe('20: a second login kept the id of the first');
  expect(found[2]).toMatch(/^23: a copy of the credential was still accepted/);
  expect(found[3]).toMatch(/^30: 2 of \d+ requests were accepted/);
  expect(found[4]).toBe('33: token has no HttpOnly');
  expect(passed(all)).toContain(22);
});

it('guesses a weak secret, and detects a credential refused with a server error, and a cacheable reply', async () => {
  const all = await outcomes({ kind: 'bearer', secret: 'changeme', faults: ['throws', 'store'] });
  const found = having(all, 'fail');
  expect(found.map((line) => line.split(':')[0])).toEqual(['11', '39', '101']);
  expect(found[0]).toBe('11: the secret of its tokens is in a dictionary');
  expect(found[2]).toMatch(/^101: \/account was refused, but with 500/);
});
