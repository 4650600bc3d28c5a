/** What the gate has to know about a service before it checks it, from a login and a few requests. */
import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import { hmacWith, readToken, type Token } from '../../bench/gate/attacks/tokens.ts';
import type { Answer, Endpoint } from '../../bench/gate/http.ts';
import { messageOf, runError, usageError } from '../../core/errors.ts';
import { valueAt } from '../../core/text/pointer.ts';
import type { Secrets } from '../../servers/configuration.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Service, ServiceUser } from '../config/service.ts';
import { lifetimeMs } from '../flow/life.ts';
import { type Ask, type LoggedIn, logIn, sent, shown } from '../flow/login.ts';
import { follow } from '../flow/places.ts';
import { type ClientCredentials, callOf, cookieOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';

export interface Subject {
  readonly service: Service;
  readonly arm: ArmInfo;
  /** Secrets, with the service's own keys if they are known. */
  readonly secrets: Secrets;
  readonly canSign: boolean;
  readonly hasPublicKey: boolean;
  /** A token of the first user; null if the credential is not a signed JSON Web Token. */
  readonly token: Token | null;
  /** How long the login took: a slow hash of the password takes most of it. */
  readonly loginMs: number;
}

/** Whether a reply is for this user, as far as the configuration allows to tell. */
export function isFor({ identity, requests }: Service, reply: Answer, { username }: ServiceUser): boolean {
  if (!isSuccess(requests.guarded, reply)) return false;
  return identity === null || valueAt(reply.json, identity) === username;
}

/**
 * Logs the first user in, and makes the guarded request without a credential and twice with it.
 *
 * @throws {TollgateError} in one line that says what contradicts the configuration
 */
export async function meet(service: Service, endpoint: Endpoint, send: Ask = sent): Promise<Subject> {
  const { requests, users } = service;
  const [user] = users;
  if (user === undefined) throw usageError('there is no user to log in', 'add users');
  const ask = (holding: ClientCredentials) => send(endpoint, callOf(requests.guarded, holding));
  const path = `the guarded request ${shown(requests.guarded.path.replace(/\?.*$/, ''))}`;

  const anonymous = await ask(NOTHING);
  if (isFor(service, anonymous, user))
    throw runError(
      `${path} returned ${anonymous.status} without a credential: it is not guarded`,
      'use one that needs a login; if a refusal has the same status, set identity, or holds',
    );
  const startMs = performance.now();
  const session = await logIn(service, endpoint, user, { ask: send });
  const loginMs = performance.now() - startMs;
  const first = await ask(session);
  if (!isSuccess(requests.guarded, first))
    throw runError(
      `${path} returned ${first.status} after a login`,
      'correct requests.guarded: its path, expected status, or how it sends the credential',
    );
  if (!isFor(service, first, user))
    throw runError(`${path} returned no username at ${service.identity}`, 'correct identity, or omit it');
  const second = await ask(session);
  if (!isFor(service, second, user)) {
    const followed = await ask(follow(session, first));
    throw runError(
      isFor(service, followed, user)
        ? 'the service replaces its cookie with every response and refuses the old one, so no request can be repeated'
        : `${path} returned ${first.status}, and with ${second.status} when it was repeated`,
      'allow credentials to be reused for this run',
    );
  }
  return { ...(await describe(service, session)), loginMs };
}

async function describe(service: Service, session: LoggedIn): Promise<Omit<Subject, 'loginMs'>> {
  const { revocation, name, title, requests, login } = service;
  const isCookie = cookieOf(login) !== null;
  const text = (isCookie ? session.cookies[0]?.value : session.token) ?? '';
  const token = tokenIn(text);
  const algorithm = token === null ? undefined : String(token.header.alg);
  const keys = await keysFor(service, text, algorithm);
  const life = lifetimeMs(login, session);
  return {
    service,
    token,
    ...keys,
    arm: {
      name,
      title,
      summary: 'A service outside this repository, as its configuration describes it.',
      baseline: false,
      isService: true,
      family: token === null ? 'session' : 'token',
      usesRedis: service.stores.some(({ kind }) => kind === 'redis'),
      serverState:
        revocation === 'at-expiry' ? 'none' : service.stores.some(({ kind }) => kind === 'redis') ? 'redis' : 'process',
      redisCommandsPerRequest: 0,
      needsStickyRouting: false,
      revocation,
      ...(life === null ? {} : { lifetimeMs: life }),
      survivesRedisOutage: false,
      crossOrigin: !isCookie,
      needsCsrfProtection: isCookie,
      readableByScript: !isCookie,
      ...(algorithm === undefined ? {} : { tokenAlgorithm: algorithm }),
      ...(login.refreshToken === undefined || requests.refresh === undefined ? {} : { refreshTokens: true }),
    },
  };
}

function tokenIn(text: string): Token | null {
  try {
    const token = readToken(text);
    return typeof token.header.alg === 'string' ? token : null;
  } catch {
    return null;
  }
}

type Keys = Pick<Subject, 'secrets' | 'canSign' | 'hasPublicKey'>;

const NAMES = {
  RS256: ['rsaPrivateKey', 'rsaPublicKey'],
  ES256: ['ecPrivateKey', 'ecPublicKey'],
  EdDSA: ['edPrivateKey', 'edPublicKey'],
} as const;

/** @throws {TollgateError} (usage) if a key does not match the tokens */
async function keysFor(service: Service, text: string, algorithm: string | undefined): Promise<Keys> {
  const made = await makeSecrets();
  const { key, publicKey } = service.keys;
  const none = { secrets: made, canSign: false, hasPublicKey: false };
  if (algorithm === undefined || (key === null && publicKey === null)) return none;
  const at = text.lastIndexOf('.');
  const [signed, signature] = [text.slice(0, at), text.slice(at + 1)];
  if (/^HS(?:256|384|512)$/.test(algorithm)) {
    if (key === null) return none;
    const forms = [Buffer.from(key), Buffer.from(key, 'base64'), Buffer.from(key, 'hex')];
    const right = forms.find((form) => hmacWith(form, `sha${algorithm.slice(2)}`)(signed) === signature);
    if (right === undefined) throw wrongKey('token.key');
    return { secrets: { ...made, hmacKey: right.toString('base64') }, canSign: true, hasPublicKey: false };
  }
  const names = Object.entries(NAMES).find(([known]) => known === algorithm)?.[1];
  if (names === undefined) return none;
  const own = key === null ? null : keyIn('token.key', key, createPrivateKey);
  const open =
    own !== null
      ? createPublicKey(own)
      : publicKey === null
        ? null
        : keyIn('token.publicKey', publicKey, createPublicKey);
  if (open === null) return none;
  const hash = algorithm === 'EdDSA' ? null : 'sha256';
  const isRight = verify(
    hash,
    Buffer.from(signed),
    { key: open, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isRight) throw wrongKey(own === null ? 'token.publicKey' : 'token.key');
  const pem = open.export({ type: 'spki', format: 'pem' }).toString();
  const secrets = { ...made, [names[1]]: pem };
  if (own === null) return { secrets, canSign: false, hasPublicKey: true };
  return {
    secrets: { ...secrets, [names[0]]: own.export({ type: 'pkcs8', format: 'pem' }).toString() },
    canSign: true,
    hasPublicKey: true,
  };
}

function keyIn(what: string, text: string, read: (text: string) => KeyObject): KeyObject {
  try {
    return read(text);
  } catch (error) {
    // The parser's message may quote the key.
    void messageOf(error);
    throw usageError(`${what} contains no PEM key`, 'use the PEM format of openssl');
  }
}

const wrongKey = (what: string) =>
  usageError(`${what} is not the key of the service’s tokens`, 'give the key of the tested instance, or omit it');
