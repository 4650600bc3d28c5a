/** Shared by tests of the servers: fresh secrets and users, and a client that knows the contract but no scheme. */
import { argon2Sync, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { newProofKey, proofFor } from '../../bench/load/connection/proof.ts';
import type { Secrets, UserRecord } from '../../servers/configuration.ts';
import { CSRF_HEADER, type LoginBody, type LoginReply, PROOF_HEADER } from '../../servers/contract.ts';

/** The cheapest possible argon2id: these tests are not about its strength. */
export function hashCheaply(password: string): string {
  const salt = randomBytes(16);
  const hash = argon2Sync('argon2id', {
    message: password,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: 8,
    passes: 1,
  });
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=8,t=1,p=1$${text(salt)}$${text(hash)}`;
}

export function freshSecrets(): Secrets {
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding });
  const ed = generateKeyPairSync('ed25519', encoding);
  const secret = () => randomBytes(32).toString('base64');
  return {
    hmacKey: secret(),
    cookieKey: secret(),
    rsaPrivateKey: rsa.privateKey,
    rsaPublicKey: rsa.publicKey,
    ecPrivateKey: ec.privateKey,
    ecPublicKey: ec.publicKey,
    edPrivateKey: ed.privateKey,
    edPublicKey: ed.publicKey,
  };
}

export const ADA = { username: 'ada', password: 'correct horse' };
export const BOB = { username: 'bob', password: 'battery staple' };

/** Ada is an administrator, Bob is not. */
export function testUsers(): UserRecord[] {
  return [
    { id: 'u-1', username: ADA.username, roles: ['user', 'admin'], passwordHash: hashCheaply(ADA.password) },
    { id: 'u-2', username: BOB.username, roles: ['user'], passwordHash: hashCheaply(BOB.password) },
  ];
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | number | undefined>;
  readonly text: string;
}

/** A client's credentials after a login, as far as the scheme issued them. A copy is a stolen credential. */
export interface Held {
  cookies: Record<string, string>;
  accessToken?: string | undefined;
  /** The key that the token is bound to; absent for a bearer token. */
  proofKey?: string | undefined;
  refreshToken?: string | undefined;
  csrfToken?: string | undefined;
}

export interface Client {
  readonly held: Held;
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  login(who: LoginBody): Promise<Answer>;
}

/** The address that the application sees for requests without sockets. */
const ORIGIN = 'http://localhost:80';

/** A client of an application, without sockets. `held` starts it with the credential of another client. */
export function clientOf(app: FastifyInstance, held: Held = { cookies: {} }): Client {
  let ownKey = '';
  /** A separate key, in case the login needs one. */
  const loginKey = () => {
    ownKey ||= newProofKey();
    return ownKey;
  };
  async function send(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = {};
    const { accessToken = null, proofKey } = held;
    if (accessToken !== null) headers.authorization = `${proofKey === undefined ? 'Bearer' : 'DPoP'} ${accessToken}`;
    const key = path === '/login' ? loginKey() : proofKey;
    // Other arms ignore it.
    const token = path === '/login' ? null : accessToken;
    if (key !== undefined) headers[PROOF_HEADER] = proofFor(key, { method, url: `${ORIGIN}${path}`, token });
    if (held.csrfToken !== undefined && method === 'POST') headers[CSRF_HEADER] = held.csrfToken;
    const response = await app.inject({
      method,
      url: path,
      headers,
      cookies: held.cookies,
      ...(body === undefined ? {} : { payload: body }),
    });
    for (const { name, value } of response.cookies) {
      if (value === '') delete held.cookies[name];
      else held.cookies[name] = value;
    }
    return { status: response.statusCode, headers: response.headers, text: response.body };
  }
  return {
    held,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    async login(who) {
      const answer = await send('POST', '/login', who);
      if (answer.status === 200) {
        const reply = JSON.parse(answer.text) as LoginReply;
        held.accessToken = reply.accessToken;
        held.proofKey = reply.tokenType === 'DPoP' ? ownKey : undefined;
        held.refreshToken = reply.refreshToken;
        held.csrfToken = reply.csrfToken;
      }
      return answer;
    },
  };
}

export function copyOf(held: Held): Held {
  return { ...held, cookies: { ...held.cookies } };
}
