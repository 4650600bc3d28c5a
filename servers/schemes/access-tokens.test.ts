import { expect, it } from 'vitest';
import { identityOf } from './access-tokens.ts';

/** Long ago: nothing may depend on the system's clock. */
const NOW = 1_000_000;
const CLAIMS = { sub: 'u-1', username: 'ada', roles: ['user'], jti: 'j', iat: NOW, exp: NOW + 60 };
const USER = { id: 'u-1', username: 'ada', roles: ['user'] };

it('accepts a token of a server whose clock is a minute ahead of the given one, and none later', () => {
  for (const iat of [NOW - 1e6, NOW, NOW + 60, undefined])
    expect(identityOf({ ...CLAIMS, iat }, NOW * 1000), `${iat}`).toEqual(USER);
  for (const iat of [NOW + 61, String(NOW), null, Number.NaN])
    expect(identityOf({ ...CLAIMS, iat }, NOW * 1000), `${iat}`).toBeNull();
});
