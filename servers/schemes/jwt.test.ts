import { createHmac, createPublicKey, randomUUID, sign as signWith } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { ADA, BOB, clientOf, freshSecrets, testUsers } from '../../test/support/servers.ts';
import { findArm } from '../arms.ts';
import { buildApp } from '../http/app.ts';
import { JWT_AUDIENCE, JWT_ISSUER } from './access-tokens.ts';

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

const ec = (pem: string) => (input: string) =>
  signWith('sha256', Buffer.from(input), { key: pem, dsaEncoding: 'ieee-p1363' });
const ed = (pem: string) => (input: string) => signWith(null, Buffer.from(input), pem);
const hmacBytes = Buffer.from(secrets.hmacKey, 'base64');

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

async function appOf(name: string): Promise<FastifyInstance> {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return buildApp({ arm, secrets, users });
}

describe.each([
  { name: 'jwt-hs256', alg: 'HS256', sign: hmac(hmacBytes), sibling: 'HS512', longer: hmac(hmacBytes, 'sha512') },
  { name: 'jwt-hs256-lean', alg: 'HS256', sign: hmac(hmacBytes), sibling: 'HS512', longer: hmac(hmacBytes, 'sha512') },
  {
    name: 'jwt-hs256-cached',
    alg: 'HS256',
    sign: hmac(hmacBytes),
    sibling: 'HS512',
    longer: hmac(hmacBytes, 'sha512'),
  },
  {
    name: 'jwt-rs256',
    alg: 'RS256',
    sign: rsa(secrets.rsaPrivateKey),
    sibling: 'RS512',
    longer: rsa(secrets.rsaPrivateKey, 'sha512'),
  },
  // No other algorithm of these families uses the same key, so only the header differs.
  {
    name: 'jwt-es256',
    alg: 'ES256',
    sign: ec(secrets.ecPrivateKey),
    sibling: 'ES384',
    longer: ec(secrets.ecPrivateKey),
  },
  {
    name: 'jwt-eddsa',
    alg: 'EdDSA',
    sign: ed(secrets.edPrivateKey),
    sibling: 'ES256',
    longer: ed(secrets.edPrivateKey),
  },
])('$name', ({ name, alg, sign, sibling, longer }) => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appOf(name);
  });
  afterAll(() => app.close());

  const statusOf = async (token: string) =>
    (await clientOf(app, { cookies: {}, accessToken: token }).get('/me')).status;

  it('accepts a token created in the same way, so that the refusals below have their own reasons', async () => {
    expect(await statusOf(forge({ alg, typ: 'at+jwt' }, goodClaims(), sign))).toBe(200);
  });

  it('issues tokens with user, audience, issuer, expiry and key id, and nothing else', async () => {
    const client = clientOf(app);
    const login = await client.login(ADA);
    const [header, payload] = (client.held.accessToken ?? '')
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg, typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{11}$/) });
    const claims = JSON.parse(payload ?? '');
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'roles', 'sub', 'username']);
    expect(claims.exp - claims.iat).toBe(JSON.parse(login.text).expiresInSeconds);
    const first = claims.jti;
    await client.login(ADA);
    expect(client.held.accessToken).not.toContain(first);
  });

  it.each(['exp', 'aud', 'iss', 'jti', 'sub'])('refuses a token without %s', async (claim) => {
    const { [claim]: _left, ...claims } = goodClaims();
    expect(await statusOf(forge({ alg, typ: 'at+jwt' }, claims, sign))).toBe(401);
  });

  it.each([
    ['has expired', { exp: nowSeconds() - 1 }],
    ['is not valid yet', { nbf: nowSeconds() + 60 }],
    ['is by another issuer', { iss: 'https://elsewhere.invalid' }],
    ['is for another audience', { aud: 'elsewhere' }],
    ['expires at no number', { exp: 'tomorrow' }],
    ['names no roles', { roles: 'admin' }],
    ['has a number for a subject', { sub: 1 }],
    ['has a role that is no text', { roles: ['user', null] }],
    ['was issued tomorrow', { iat: nowSeconds() + 86_400 }],
    ['expires beyond any date', { exp: 1e308 }],
  ])('refuses a token that %s', async (_fault, change) => {
    expect(await statusOf(forge({ alg, typ: 'at+jwt' }, { ...goodClaims(), ...change }, sign))).toBe(401);
  });

  it.each(['JWT', 'id+jwt', 'logout+jwt', 'dpop+jwt', 1])('refuses a token with the type %s', async (typ) => {
    expect(await statusOf(forge({ alg, typ }, goodClaims(), sign))).toBe(401);
  });

  it('refuses a token without a type', async () => {
    expect(await statusOf(forge({ alg }, goodClaims(), sign))).toBe(401);
  });

  it('refuses an alternative encoding of a token that it accepts', async () => {
    const token = forge({ alg, typ: 'at+jwt' }, goodClaims(), sign);
    expect(await statusOf(token)).toBe(200);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.at(-1) ?? '');
    const spellings = [1, 2, 3].map((bits) => `${token.slice(0, -1)}${alphabet[last + bits]}`);
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
    const same = spellings.filter((spelling) => bytes(spelling) === bytes(token));
    expect(same.length).toBeGreaterThan(0);
    for (const spelling of same) expect(await statusOf(spelling)).toBe(401);
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses alg %s', async (none) => {
    expect(await statusOf(`${base64url({ alg: none, typ: 'at+jwt' })}.${base64url(goodClaims())}.`)).toBe(401);
    expect(await statusOf(forge({ alg: none, typ: 'at+jwt' }, goodClaims(), sign))).toBe(401);
  });

  it('refuses another algorithm of the same family, even if the key fits', async () => {
    expect(await statusOf(forge({ alg: sibling, typ: 'at+jwt' }, goodClaims(), longer))).toBe(401);
  });

  it.each(['', ' ', '\n', '\uFEFF'])('refuses the public key as an HMAC secret, preceded by %j', async (prefix) => {
    const { rsaPublicKey: spki, ecPublicKey, edPublicKey } = secrets;
    const pkcs1 = createPublicKey(spki).export({ type: 'pkcs1', format: 'pem' }).toString();
    for (const pem of [spki, spki.trim(), pkcs1, ecPublicKey, ecPublicKey.trim(), edPublicKey, edPublicKey.trim()])
      expect(await statusOf(forge({ alg: 'HS256', typ: 'at+jwt' }, goodClaims(), hmac(prefix + pem)))).toBe(401);
  });

  it('refuses an empty HMAC key, and keys contained in a token', async () => {
    expect(await statusOf(forge({ alg: 'HS256', typ: 'at+jwt' }, goodClaims(), hmac('')))).toBe(401);
    const own = freshSecrets();
    const jwk = createPublicKey(own.rsaPublicKey).export({ format: 'jwk' });
    const header = { alg: 'RS256', typ: 'at+jwt', jwk, jku: 'http://127.0.0.1:9/keys', kid: '../../dev/null' };
    expect(await statusOf(forge(header, goodClaims(), rsa(own.rsaPrivateKey)))).toBe(401);
  });

  it('refuses an unknown critical extension', async () => {
    expect(await statusOf(forge({ alg, typ: 'at+jwt', crit: ['b64'], b64: false }, goodClaims(), sign))).toBe(401);
  });

  it('refuses a token that was altered or truncated, or is not a token', async () => {
    const good = forge({ alg, typ: 'at+jwt' }, goodClaims(), sign);
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

  it('accepts the token only from the header', async () => {
    const token = forge({ alg, typ: 'at+jwt' }, goodClaims(), sign);
    const inUrl = await app.inject({ url: `/me?access_token=${token}`, cookies: { token } });
    expect(inUrl.statusCode).toBe(401);
  });
});

it('reads its own tokens by hand, without the library', async () => {
  const app = await appOf('jwt-hs256-lean');
  const client = clientOf(app);
  await client.login(ADA);
  // A verifier parses the header of each token, which is always the same.
  const parse = vi.spyOn(JSON, 'parse');
  await thenEnding(
    async () => {
      expect((await client.get('/me')).status).toBe(200);
      const parsed = parse.mock.calls.map(([text]) => text).filter((text) => text.includes('"alg"'));
      expect(parsed).toEqual([]);
      const foreign = forge({ typ: 'at+jwt', alg: 'HS256' }, goodClaims(), hmac(hmacBytes));
      expect((await clientOf(app, { cookies: {}, accessToken: foreign }).get('/me')).status).toBe(200);
      expect(parse.mock.calls.filter(([text]) => text.includes('"alg"'))).toHaveLength(1);
    },
    () => parse.mockRestore(),
    () => app.close(),
  );
});

describe('the cache of verified tokens', () => {
  it('never serves one identity for another, or for a token that has been altered since', async () => {
    const app = await appOf('jwt-hs256-cached');
    const [ada, bob] = [clientOf(app), clientOf(app)];
    await ada.login(ADA);
    await bob.login(BOB);
    for (let round = 0; round < 3; round += 1) {
      expect(JSON.parse((await ada.get('/me')).text).username).toBe('ada');
      expect(JSON.parse((await bob.get('/me')).text).username).toBe('bob');
    }
    const [header, , signature] = (bob.held.accessToken ?? '').split('.');
    const [, payload] = (ada.held.accessToken ?? '').split('.');
    const mixed = clientOf(app, { cookies: {}, accessToken: `${header}.${payload}.${signature}` });
    expect((await mixed.get('/me')).status).toBe(401);
    await app.close();
  });

  it('does not keep a token beyond its expiry, and keeps it until then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const app = await appOf('jwt-hs256-cached');
      const exp = nowSeconds() + 60;
      const token = forge({ alg: 'HS256', typ: 'at+jwt' }, { ...goodClaims(), exp }, hmac(hmacBytes));
      const client = clientOf(app, { cookies: {}, accessToken: token });
      expect((await client.get('/me')).status).toBe(200);
      vi.setSystemTime(exp * 1000 - 1);
      expect((await client.get('/me')).status).toBe(200);
      vi.setSystemTime(exp * 1000 + 1);
      expect((await client.get('/me')).status).toBe(401);
      await app.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
