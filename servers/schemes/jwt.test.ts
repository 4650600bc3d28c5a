import { createHmac, createPublicKey, randomUUID, sign as signWith } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADA, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { buildApp } from '../app.ts';
import { findArm } from '../arms.ts';
import type { Secrets } from '../contract.ts';
import { JWT_AUDIENCE, JWT_ISSUER } from './jwt.ts';

const secrets = freshSecrets();
const users = testUsers();
const nowSeconds = () => Math.floor(Date.now() / 1000);

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs as an attacker or another issuer might: any header, any claims, any key. */
function forge(header: object, claims: object, sign: (input: string) => Buffer): string {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}
const hmac =
  (key: Buffer | string, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, key).update(input).digest();
const rsa =
  (pem: string, hash = 'sha256') =>
  (input: string) =>
    signWith(hash, Buffer.from(input), pem);

function goodClaims(): Record<string, unknown> {
  return {
    sub: 'u-1',
    username: 'ada',
    roles: ['user', 'admin'],
    jti: randomUUID(),
    iss: JWT_ISSUER,
    aud: JWT_AUDIENCE,
    iat: nowSeconds(),
    exp: nowSeconds() + 60,
  };
}

async function appOf(name: string, given: Secrets = secrets): Promise<FastifyInstance> {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return buildApp({ arm, secrets: given, users });
}

describe.each([
  { name: 'jwt-hs256', alg: 'HS256', sign: hmac(Buffer.from(secrets.hmacKey, 'base64')), sibling: 'HS512' },
  { name: 'jwt-rs256', alg: 'RS256', sign: rsa(secrets.rsaPrivateKey), sibling: 'RS512' },
])('$name', ({ name, alg, sign, sibling }) => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appOf(name);
  });
  afterAll(() => app.close());

  const statusOf = async (token: string) =>
    (await clientOf(app, { cookies: {}, accessToken: token }).get('/me')).status;

  it('accepts a token made as it makes them, so that the refusals below are for their own reason', async () => {
    expect(await statusOf(forge({ alg, typ: 'JWT' }, goodClaims(), sign))).toBe(200);
  });

  it('issues tokens that say who, for whom, by whom, until when, with which key, and no more', async () => {
    const client = clientOf(app);
    const login = await client.login(ADA);
    const [header, payload] = (client.held.accessToken ?? '')
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg, typ: 'JWT', kid: expect.stringMatching(/^[\w-]{11}$/) });
    const claims = JSON.parse(payload ?? '');
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'roles', 'sub', 'username']);
    expect(claims.exp - claims.iat).toBe(JSON.parse(login.text).expiresInSeconds);
    const first = claims.jti;
    await client.login(ADA);
    expect(client.held.accessToken).not.toContain(first);
  });

  it.each(['exp', 'aud', 'iss', 'jti', 'sub'])('refuses a token without %s', async (claim) => {
    const { [claim]: _left, ...claims } = goodClaims();
    expect(await statusOf(forge({ alg, typ: 'JWT' }, claims, sign))).toBe(401);
  });

  it.each([
    ['has expired', { exp: nowSeconds() - 1 }],
    ['is not valid yet', { nbf: nowSeconds() + 60 }],
    ['is by another issuer', { iss: 'https://elsewhere.invalid' }],
    ['is for another audience', { aud: 'elsewhere' }],
    ['expires at no number', { exp: 'tomorrow' }],
    ['names no roles', { roles: 'admin' }],
    ['has a number for a subject', { sub: 1 }],
  ])('refuses a token that %s', async (_fault, change) => {
    expect(await statusOf(forge({ alg, typ: 'JWT' }, { ...goodClaims(), ...change }, sign))).toBe(401);
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses alg %s', async (none) => {
    expect(await statusOf(`${base64url({ alg: none, typ: 'JWT' })}.${base64url(goodClaims())}.`)).toBe(401);
    expect(await statusOf(forge({ alg: none, typ: 'JWT' }, goodClaims(), sign))).toBe(401);
  });

  it('refuses another algorithm of the same family, though the key fits', async () => {
    const longer =
      alg === 'HS256' ? hmac(Buffer.from(secrets.hmacKey, 'base64'), 'sha512') : rsa(secrets.rsaPrivateKey, 'sha512');
    expect(await statusOf(forge({ alg: sibling, typ: 'JWT' }, goodClaims(), longer))).toBe(401);
  });

  it.each(['', ' ', '\n', '\uFEFF'])('refuses the public key as an HMAC secret, with %j before it', async (prefix) => {
    const spki = secrets.rsaPublicKey;
    const pkcs1 = createPublicKey(spki).export({ type: 'pkcs1', format: 'pem' }).toString();
    for (const pem of [spki, spki.trim(), pkcs1])
      expect(await statusOf(forge({ alg: 'HS256', typ: 'JWT' }, goodClaims(), hmac(prefix + pem)))).toBe(401);
  });

  it('refuses an empty HMAC key, and keys that a token brings with it', async () => {
    expect(await statusOf(forge({ alg: 'HS256', typ: 'JWT' }, goodClaims(), hmac('')))).toBe(401);
    const own = freshSecrets();
    const jwk = createPublicKey(own.rsaPublicKey).export({ format: 'jwk' });
    const header = { alg: 'RS256', typ: 'JWT', jwk, jku: 'http://127.0.0.1:9/keys', kid: '../../dev/null' };
    expect(await statusOf(forge(header, goodClaims(), rsa(own.rsaPrivateKey)))).toBe(401);
  });

  it('refuses an extension that it does not know but must', async () => {
    expect(await statusOf(forge({ alg, typ: 'JWT', crit: ['b64'], b64: false }, goodClaims(), sign))).toBe(401);
  });

  it('refuses a token that was altered, cut, or is none', async () => {
    const good = forge({ alg, typ: 'JWT' }, goodClaims(), sign);
    const [header = '', payload = '', signature = ''] = good.split('.');
    const flipped = String.fromCharCode(signature.charCodeAt(5) ^ 1);
    for (const token of [
      `${header}.${base64url({ ...goodClaims(), sub: 'u-2' })}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, -4)}`,
      `${header}.${payload}.${signature.slice(0, 5)}${flipped}${signature.slice(6)}`,
      'x',
      '..',
      `${good} ${good}`,
      'a'.repeat(8_000),
    ]) {
      expect(await statusOf(token)).toBe(401);
    }
    expect(await statusOf(good)).toBe(200);
  });

  it('takes the token from the header alone', async () => {
    const token = forge({ alg, typ: 'JWT' }, goodClaims(), sign);
    const inUrl = await app.inject({ url: `/me?access_token=${token}`, cookies: { token } });
    expect(inUrl.statusCode).toBe(401);
  });
});

describe('weak keys', () => {
  it('keep a replica from starting', async () => {
    const short = Buffer.alloc(31, 1).toString('base64');
    await expect(appOf('jwt-hs256', { ...secrets, hmacKey: short })).rejects.toMatchObject({ code: 'BAD_START' });
    await expect(appOf('jwt-rs256', { ...secrets, rsaPublicKey: 'none' })).rejects.toMatchObject({ code: 'BAD_START' });
    await expect(appOf('session-memory', { ...secrets, cookieKey: short })).rejects.toMatchObject({
      code: 'BAD_START',
    });
  });
});
