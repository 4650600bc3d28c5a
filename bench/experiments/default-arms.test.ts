import { describe, expect, it } from 'vitest';
import { describeArms } from '../run/arms.ts';
import { EXPERIMENTS } from './registry.ts';

const arms = await describeArms();
const everyArm = arms.map(({ name }) => name);
const representative = [
  'none',
  'session-redis',
  'session-redis-lean',
  'jwt-hs256',
  'jwt-hs256-lean',
  'jwt-rs256',
  'jwt-denylist',
  'hybrid',
];
const CACHED = ['session-cached', 'session-cookie-cache', 'session-tracked'];
/** They need more than Redis, so the full profile includes them wherever companions matter. */
const IN_DATABASES = ['session-sqlite', 'session-postgres'];
const few = ['none', 'session-redis', 'jwt-hs256'];
const outage = ['none', 'session-redis', 'session-cached', 'jwt-hs256', 'jwt-denylist', 'hybrid'];
const outageInFull = [
  'none',
  'session-redis',
  ...CACHED,
  ...IN_DATABASES,
  'jwt-hs256',
  'jwt-denylist',
  'jwt-denylist-push',
  'jwt-status-list',
  'jwt-dpop',
  'hybrid',
];
const payload = ['none', 'session-redis', 'session-redis-lean', 'session-sealed', 'jwt-hs256', 'jwt-cookie'];
const payloadInFull = [
  'none',
  'session-redis',
  'session-redis-lean',
  'session-sealed',
  'jwe-cookie',
  'jwt-hs256',
  'jwt-cookie',
  'jwt-dpop',
];
const references = ['session-redis', 'jwt-hs256'];
const browser = [
  'session-redis',
  'session-sealed',
  'jwt-hs256',
  'jwt-cookie',
  'jwt-refresh',
  'jwt-dpop',
  'hybrid',
  'dual',
];
const lifecycle = [
  'none',
  'session-redis',
  'session-redis-lean',
  'jwt-hs256',
  'jwt-rs256',
  'jwt-es256',
  'jwt-denylist',
  'jwt-refresh',
  'hybrid',
];
const revocation = [
  'session-redis',
  'session-redis-lean',
  'session-cached',
  'session-sealed',
  'jwt-hs256',
  'jwt-denylist',
  'jwt-refresh',
  'hybrid',
  'dual',
];

const revocationInFull = [
  'session-redis',
  'session-redis-lean',
  ...CACHED,
  'session-tracked-broadcast',
  ...IN_DATABASES,
  'session-sealed',
  'jwe-cookie',
  'jwt-hs256',
  'jwt-denylist',
  'jwt-denylist-push',
  'jwt-status-list',
  'jwt-refresh',
  'jwt-dpop',
  'hybrid',
  'dual',
];
const withCompanions = ['opaque-introspection', 'opaque-introspection-cached', 'phantom-token'];
/** Adds arms in the order of the registry: before the combinations. */
const andCompanions = (names: readonly string[], ...more: readonly string[]) =>
  names.flatMap((name) => (name === 'hybrid' ? [...withCompanions, ...more, name] : name));

/** The default arms of each experiment, in quick and in full. */
const DEFAULTS: Readonly<Record<string, readonly [quick: readonly string[], full: readonly string[]]>> = {
  toll: [representative, everyArm],
  scale: [
    references,
    ['none', 'session-redis', 'session-memory', ...CACHED, 'jwt-hs256', 'jwt-denylist', 'jwt-dpop', 'hybrid'],
  ],
  latency: [references, ['none', 'session-redis', 'session-redis-lean', 'jwt-hs256']],
  capacity: [references, references],
  'hot-path': [[], representative],
  revocation: [revocation, andCompanions(revocationInFull)],
  outage: [outage, andCompanions(outageInFull, 'jwt-jwks')],
  payload: [payload, payloadInFull],
  lifecycle: [lifecycle, lifecycle.flatMap((name) => (name === 'hybrid' ? ['jwt-dpop', 'jwt-jwks', name] : name))],
  layers: [few, few],
  chain: [few, [...few, 'opaque-introspection', 'phantom-token']],
  browser: [['session-redis', 'jwt-hs256', 'jwt-cookie', 'dual'], browser],
  distance: [
    ['session-redis', 'jwt-hs256', 'jwt-denylist'],
    ['session-redis', 'session-redis-lean', ...CACHED, 'jwt-hs256', 'jwt-denylist', 'jwt-dpop', 'hybrid'],
  ],
  store: [
    ['session-redis', 'jwt-denylist', 'jwt-refresh'],
    ['session-redis', 'session-redis-lean', 'jwt-denylist', 'jwt-refresh'],
  ],
};

it('the quick profile answers the debate within two minutes of measuring', () => {
  const quick = EXPERIMENTS.filter(({ inQuick }) => inQuick);
  expect(quick.map(({ name }) => name)).toEqual(['toll', 'scale', 'latency', 'hot-path', 'revocation', 'browser']);
  expect(quick.reduce((sum, { seconds }) => sum + seconds.quick, 0)).toBeLessThanOrEqual(120);
});

describe('the default arms', () => {
  it('are listed here for every experiment', () => {
    expect(Object.keys(DEFAULTS)).toEqual(EXPERIMENTS.map(({ name }) => name));
  });

  it.each(EXPERIMENTS)('suit $name', ({ name, defaultArms }) => {
    expect([defaultArms(arms, 'quick'), defaultArms(arms, 'full')]).toEqual(DEFAULTS[name]);
  });

  it('together include every arm of the registry in the full profile', () => {
    const measured = new Set(EXPERIMENTS.flatMap(({ defaultArms }) => defaultArms(arms, 'full')));
    expect(everyArm.filter((arm) => !measured.has(arm))).toEqual([]);
  });
});
