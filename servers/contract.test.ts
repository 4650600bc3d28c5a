import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { ServerSettings } from './configuration.ts';
import { Revocation } from './contract.ts';

describe('the settings of a replica', () => {
  it.each([{}, { idleTimeoutMs: 1 }, { allowedOrigins: ['https://shop.example', 'http://127.0.0.1:8080'] }])(
    'accept %j',
    (settings) => expect(Value.Check(ServerSettings, settings)).toBe(true),
  );

  it.each([
    { idleTimeoutMs: 0 },
    { idleTimeout: 5 },
    { denylistFailOpen: 'yes' },
    { secureCookies: false },
    ...['*', 'null', 'https://*.example', 'https://shop.example/', 'shop.example'].map((origin) => ({
      allowedOrigins: [origin],
    })),
  ])('may not be %j', (settings) => expect(Value.Check(ServerSettings, settings)).toBe(false));
});

describe('the revocation of a credential', () => {
  it('is one of two words, or a bound', () => {
    for (const promise of ['at-once', 'at-expiry', { withinMs: 1 }])
      expect(Value.Check(Revocation, promise)).toBe(true);
    for (const none of ['soon', { withinMs: 0 }, {}, null]) expect(Value.Check(Revocation, none)).toBe(false);
  });
});
