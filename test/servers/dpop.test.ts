/** Proofs signed by jose, not by the load's own code: valid ones, and ones with a single fault. */
import { createHash, randomUUID, type webcrypto } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findArm } from '../../servers/arms.ts';
import { buildApp } from '../../servers/http/app.ts';
import type { SchemeSettings } from '../../servers/scheme.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { ADA, clientOf, freshSecrets, testUsers } from '../support/servers.ts';

interface Keys {
  readonly privateKey: webcrypto.CryptoKey;
  readonly jwk: Record<string, unknown>;
}

async function newKeys(alg = 'ES256'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)) } };
}

let redis: TestRedis;
let keys: Keys;
const secrets = freshSecrets();
const users = testUsers();
const open: FastifyInstance[] = [];
/** With default settings. */
let app: FastifyInstance;
let token: string;
const clock = { ms: 0 };

beforeAll(async () => {
  redis = await startRedis();
  keys = await newKeys();
  clock.ms = Date.now();
  app = await start();
  token = await tokenOf(app);
});
beforeEach(() => {
  clock.ms = Date.now();
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await redis.stop();
});

async function start(settings: Partial<SchemeSettings> = {}, keyPrefix = `dpop:${randomUUID()}:`, { url } = redis) {
  const arm = findArm('jwt-dpop');
  if (arm === undefined) throw new Error('there is no such arm');
  const now = () => clock.ms;
  const started = await buildApp({ arm, secrets, users, settings, now, redis: { url, keyPrefix } });
  open.push(started);
  return started;
}

interface Changes {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly by?: Keys;
}

const athOf = (text: string) => createHash('sha256').update(text).digest('base64url');
const seconds = () => Math.floor(clock.ms / 1000);

function proofOf(claims: Record<string, unknown>, { header = {}, claims: changed = {}, by = keys }: Changes = {}) {
  const all = { jti: randomUUID(), iat: seconds(), ...claims, ...changed };
  const named = { typ: 'dpop+jwt', alg: 'ES256', jwk: by.jwk, ...header } as JWTHeaderParameters;
  return new SignJWT(all).setProtectedHeader(named).sign(by.privateKey);
}

const loginProof = (changes: Changes = {}) => proofOf({ htm: 'POST', htu: 'http://localhost:80/login' }, changes);
const readProof = (accessToken: string, changes: Changes = {}) =>
  proofOf({ htm: 'GET', htu: 'http://localhost:80/me', ath: athOf(accessToken) }, changes);

function logIn(at: FastifyInstance, proof: string | null) {
  const headers = proof === null ? {} : { dpop: proof };
  return at.inject({ method: 'POST', url: '/login', headers, payload: ADA });
}

async function tokenOf(at: FastifyInstance): Promise<string> {
  const reply = await logIn(at, await loginProof());
  expect(reply.statusCode).toBe(200);
  return reply.json<{ accessToken: string }>().accessToken;
}

function read(at: FastifyInstance, accessToken: string, proof?: string, scheme = 'DPoP') {
  const headers = { authorization: `${scheme} ${accessToken}`, ...(proof === undefined ? {} : { dpop: proof }) };
  return at.inject({ url: '/me', headers });
}

describe('a key-bound token', () => {
  it('is issued for a proof, names its key, and is valid with proofs by that key', async () => {
    const reply = await logIn(app, await loginProof());
    expect(reply.json()).toMatchObject({ tokenType: 'DPoP', expiresInSeconds: 900 });
    const { accessToken } = reply.json<{ accessToken: string }>();
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    const { crv, kty, x, y } = keys.jwk;
    // RFC 7638 §3.2: the required members in their order.
    expect(claims.cnf).toEqual({ jkt: athOf(JSON.stringify({ crv, kty, x, y })) });
    const me = await read(app, accessToken, await readProof(accessToken));
    expect(me.json()).toMatchObject({ username: 'ada' });
  });

  it('is not issued without a proof for the login', async () => {
    for (const proof of [
      null,
      'x',
      await loginProof({ claims: { htu: 'http://localhost:80/me' } }),
      await loginProof({ claims: { htm: 'GET' } }),
      await loginProof({ claims: { iat: seconds() - 61 } }),
    ]) {
      const reply = await logIn(app, proof);
      expect(reply.statusCode).toBe(400);
      expect(reply.json()).toMatchObject({ detail: expect.stringContaining('invalid_dpop_proof') });
    }
    const once = await loginProof();
    expect((await logIn(app, once)).statusCode).toBe(200);
    expect((await logIn(app, once)).statusCode).toBe(400);
  });

  it('is refused without a proof, as a bearer token, and with the proof of another key', async () => {
    const thief = await newKeys();
    const refusals = [
      await read(app, token, undefined),
      await read(app, token, undefined, 'Bearer'),
      await read(app, token, await readProof(token), 'Bearer'),
      await read(app, token, await readProof(token, { by: thief })),
      // The owner's public key in the header, with the thief's signature.
      await read(app, token, await readProof(token, { by: { ...thief, jwk: keys.jwk } })),
    ];
    expect(refusals.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 401]);
    expect(refusals[3]?.headers['www-authenticate']).toContain('error="invalid_dpop_proof"');
    const [first, ...others] = refusals.map(({ body }) => body);
    expect(new Set(others)).toEqual(new Set([first]));
  });

  it('is refused if it names no key, even if it is signed', async () => {
    const bearer = findArm('jwt-hs256');
    if (bearer === undefined) throw new Error('there is no such arm');
    const other = await buildApp({ arm: bearer, secrets, users });
    open.push(other);
    const plain = (await clientOf(other).login(ADA)).text;
    const { accessToken } = JSON.parse(plain) as { accessToken: string };
    expect((await read(app, accessToken, await readProof(accessToken))).statusCode).toBe(401);
  });

  it('is valid once with each proof, over all replicas', async () => {
    const keyPrefix = `dpop:${randomUUID()}:`;
    const [here, there] = [await start({}, keyPrefix), await start({}, keyPrefix)];
    const token = await tokenOf(here);
    const proof = await readProof(token);
    const asked = [here, there, here].map((app) => read(app, token, proof));
    const statuses = (await Promise.all(asked)).map(({ statusCode }) => statusCode);
    expect(statuses.toSorted()).toEqual([200, 401, 401]);
    // Another client may have chosen the same id.
    const jti = randomUUID();
    const stranger = await newKeys();
    expect((await logIn(here, await loginProof({ claims: { jti }, by: stranger }))).statusCode).toBe(200);
    expect((await logIn(there, await loginProof({ claims: { jti } }))).statusCode).toBe(200);
  });

  it('remembers a proof until it is too old', async () => {
    const keyPrefix = `dpop:${randomUUID()}:`;
    const patient = await start({ proofMaxAgeSeconds: 600 }, keyPrefix);
    await tokenOf(patient);
    await read(patient, token, await readProof(token, { claims: { iat: seconds() + 4 } }));
    const client = new Redis(redis.url);
    const left = await Promise.all((await client.keys(`${keyPrefix}proof:*`)).map((key) => client.pttl(key)));
    client.disconnect();
    expect(left).toHaveLength(2);
    for (const ms of left) {
      expect(ms).toBeGreaterThan(598_000);
      expect(ms).toBeLessThanOrEqual(610_000);
    }
  });

  it.each<[what: string, claims: Record<string, unknown>]>([
    ['for another method', { htm: 'POST' }],
    ['for another path', { htu: 'http://localhost:80/admin' }],
    ['for another host', { htu: 'http://elsewhere.example/me' }],
    ['for another port', { htu: 'http://localhost:81/me' }],
    ['for another scheme', { htu: 'https://localhost:80/me' }],
    ['for a URL with a user', { htu: 'http://ada@localhost:80/me' }],
    ['for no URL', { htu: '/me' }],
    ['of a minute ago', { iat: () => seconds() - 62 }],
    ['of the future', { iat: () => seconds() + 7 }],
    ['without a time', { iat: undefined }],
    ['with a time as text', { iat: () => String(seconds()) }],
    ['without an id', { jti: undefined }],
    ['with an empty id', { jti: '' }],
    ['with a number for an id', { jti: 7 }],
    ['of no token', { ath: undefined }],
    ['of another token', { ath: athOf('another') }],
    ['that has expired', { exp: 1 }],
  ])('refuses a proof %s', async (_what, claims) => {
    const now = Object.entries(claims).map(([name, value]) => [name, typeof value === 'function' ? value() : value]);
    const refused = await read(app, token, await readProof(token, { claims: Object.fromEntries(now) }));
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('DPoP realm="tollgate", algs="ES256", error="invalid_dpop_proof"');
  });

  it('accepts the variants that the standard allows', async () => {
    for (const claims of [
      { htu: 'http://localhost/me' },
      { htu: 'HTTP://LOCALHOST:80/me' },
      { htu: 'http://localhost:80/me?page=2#top' },
      { iat: seconds() - 59 },
      { iat: seconds() + 4 },
      { iat: seconds() - 0.5 },
      { jti: 'x'.repeat(5_000) },
      { more: true },
    ]) {
      const { statusCode } = await read(app, token, await readProof(token, { claims }));
      expect(statusCode, JSON.stringify(claims).slice(0, 60)).toBe(200);
    }
  });

  it('refuses proofs whose header is not that of a proof', async () => {
    const { d } = await exportJWK(keys.privateKey);
    const rsa = await newKeys('RS256');
    const claims = { htm: 'GET', htu: 'http://localhost:80/me', ath: athOf(token), jti: 'a', iat: seconds() };
    const symmetric = { kty: 'oct', k: Buffer.from('k'.repeat(32)).toString('base64url') };
    const proofs = {
      'another type': await readProof(token, { header: { typ: 'JWT' } }),
      'no type': await readProof(token, { header: { typ: undefined } }),
      'the private key': await readProof(token, { header: { jwk: { ...keys.jwk, d } } }),
      'no key': await readProof(token, { header: { jwk: undefined } }),
      'no key but a name': await readProof(token, { header: { jwk: undefined, kid: '1' } }),
      'a key of no curve': await readProof(token, { header: { jwk: { ...keys.jwk, crv: 'P-999' } } }),
      'a point beside the curve': await readProof(token, { header: { jwk: { ...keys.jwk, x: keys.jwk.y } } }),
      'a key that is text': await readProof(token, { header: { jwk: 'key' } }),
      RSA: await readProof(token, { by: rsa, header: { alg: 'RS256' } }),
      'a symmetric key': await new SignJWT(claims)
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: symmetric } as JWTHeaderParameters)
        .sign(Buffer.from('k'.repeat(32))),
      'no algorithm': new UnsecuredJWT(claims).encode(),
      'an unknown extension': await readProof(token, { header: { crit: ['x'], x: 1 } }).catch(() => 'a.b.c'),
    };
    for (const [what, proof] of Object.entries(proofs)) {
      const { statusCode } = await read(app, token, proof);
      expect(statusCode, what).toBe(401);
    }
    const [one, two] = [await readProof(token), await readProof(token)];
    for (const text of [`${one}, ${two}`, `${one}=`, `${one}.`, ` ${one}x`, `${one.slice(0, -1)}`, '', '..']) {
      expect((await read(app, token, text)).statusCode, text.slice(-20)).toBe(401);
    }
    const twice = { authorization: `DPoP ${token}`, dpop: [one, two] };
    expect((await app.inject({ url: '/me', headers: twice })).statusCode).toBe(401);
  });

  it('is refused while used proofs cannot be checked', async () => {
    const own = await startRedis();
    const alone = await start({}, 'dpop:', own);
    await own.stop();
    expect((await read(alone, token, await readProof(token))).statusCode).toBe(503);
    // A proof that is invalid by itself needs no look-up.
    expect((await read(alone, token, await readProof(token, { by: await newKeys() }))).statusCode).toBe(401);
  });
});

describe('with nonces', () => {
  it('requires one, accepts it on every replica, and sends the next in time', async () => {
    const keyPrefix = `dpop:${randomUUID()}:`;
    const [here, there] = [
      await start({ proofNonces: true }, keyPrefix),
      await start({ proofNonces: true }, keyPrefix),
    ];
    const asked = await logIn(here, await loginProof());
    expect(asked.statusCode).toBe(400);
    expect(asked.json()).toMatchObject({ detail: expect.stringContaining('use_dpop_nonce') });
    const nonce = String(asked.headers['dpop-nonce']);
    const reply = await logIn(there, await loginProof({ claims: { nonce } }));
    expect(reply.statusCode).toBe(200);
    for (const claims of [{}, { nonce: 'guessed' }, { nonce: 7 }]) {
      const refused = await read(here, token, await readProof(token, { claims }));
      expect(refused.statusCode).toBe(401);
      expect(refused.headers['www-authenticate']).toContain('error="use_dpop_nonce"');
      expect(refused.headers['dpop-nonce']).toBe(nonce);
    }
    const fresh = await read(here, token, await readProof(token, { claims: { nonce } }));
    expect([fresh.statusCode, fresh.headers['dpop-nonce']]).toEqual([200, undefined]);
    clock.ms += 60_000;
    const old = await read(there, token, await readProof(token, { claims: { nonce } }));
    expect(old.statusCode).toBe(200);
    const next = String(old.headers['dpop-nonce']);
    expect(next).not.toBe(nonce);
    expect((await read(here, token, await readProof(token, { claims: { nonce: next } }))).statusCode).toBe(200);
    clock.ms += 60_000;
    expect((await read(here, token, await readProof(token, { claims: { nonce } }))).statusCode).toBe(401);
  });
});
