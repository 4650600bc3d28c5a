import { expect, it } from 'vitest';
import { SERVICE_TOKEN } from '../contract.ts';
import { ACCESS_TOKEN_TYPE, JWT_AUDIENCE, JWT_ISSUER } from '../schemes/access-tokens.ts';
import { readExchange } from './client.ts';

it('accepts an exchanged token for another audience only as what it is', () => {
  expect(SERVICE_TOKEN).toMatchObject({ typ: ACCESS_TOKEN_TYPE, iss: JWT_ISSUER });
  expect(SERVICE_TOKEN.aud).not.toBe(JWT_AUDIENCE);
});

it('reads the reply to an exchange strictly', () => {
  const tokenOf = (claims: object) => `a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c`;
  const read = (status: number, body: object) => readExchange({ status, text: JSON.stringify(body) });
  const token = tokenOf({ sub: 'u-1', exp: 12.5 });
  expect(read(200, { access_token: token })).toEqual({ token, user: { id: 'u-1' }, endsAtMs: 12_500 });
  expect(read(400, { error: 'invalid_request' })).toBeNull();
  expect(() => read(400, { error: 'invalid_target' })).toThrow();
  expect(() => read(400, { title: 'Bad Request' })).toThrow();
  expect(() => read(200, {})).toThrow();
  for (const claims of [{ sub: 'u-1' }, { exp: 1 }, { sub: 1, exp: 1 }])
    expect(() => read(200, { access_token: tokenOf(claims) })).toThrow();
});
