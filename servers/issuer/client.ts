/** Requests of replicas to the authorization server. They fail closed: without a reply in time, nothing is accepted. */

import type { CompanionAddress } from '../configuration.ts';
import { type Identity, SERVICE_TOKEN } from '../contract.ts';
import { StoreUnavailable } from '../errors.ts';
import { createHttpClient, type HttpReply, type HttpRequest } from '../http-client.ts';
import type { Accounts } from '../stores/accounts.ts';
import { clientAuthorization, EXCHANGE, ISSUER_PATHS, type IssueBody } from './protocol.ts';

/** The introspected data of a valid token. */
export interface Introspected {
  readonly user: Identity;
  /** In ms since the epoch. */
  readonly endsAtMs: number;
}

/** A signed token in exchange for an opaque one. */
export interface Exchanged {
  readonly token: string;
  readonly user: Pick<Identity, 'id'>;
  /** In ms since the epoch. */
  readonly endsAtMs: number;
}

export interface IssuerClient {
  /** Null for a token that is not valid (any more). @throws StoreUnavailable */
  introspect(token: string): Promise<Introspected | null>;
  /** A signed token for services; null for a token that is not valid (any more). @throws StoreUnavailable */
  exchange(token: string, lifetimeSeconds: number): Promise<Exchanged | null>;
  /** Null if the user is disabled. @throws StoreUnavailable */
  issue(user: Identity, lifetimeSeconds: number): Promise<string | null>;
  /** A signed token. @throws StoreUnavailable */
  sign(user: Identity, lifetimeSeconds: number): Promise<string>;
  /** The public keys, as text. @throws StoreUnavailable */
  keySet(): Promise<string>;
  /** @throws StoreUnavailable */
  revoke(token: string): Promise<void>;
  /** Revokes a token by its id, which is in the signed token that represents it. @throws StoreUnavailable */
  revokeNamed(id: string): Promise<void>;
  /** @throws StoreUnavailable */
  revokeAllOf(userId: string): Promise<void>;
  /** Disables users, and their tokens. */
  readonly accounts: Accounts;
  close(): Promise<void>;
}

/** As long as the Redis client's time-out for a command. */
const DEADLINE_MS = 1_000;
const LARGEST_REPLY_BYTES = 64 * 1024;
const CONNECTIONS = 64;
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** The token has nothing that needs to be escaped, and the caller has checked that. */
function exchangeOf(token: string, lifetimeSeconds: number): string {
  const constant = new URLSearchParams({
    grant_type: EXCHANGE.grant,
    subject_token_type: EXCHANGE.accessToken,
    requested_token_type: EXCHANGE.jwt,
    audience: SERVICE_TOKEN.aud,
  });
  return `${constant}&lifetime=${lifetimeSeconds}&subject_token=${token}`;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Reads a reply to an introspection (RFC 7662 §2.2). Only `active: true` with a complete identity and an expiry is a
 * valid token. @throws Error if it is not such a reply
 */
export function readIntrospection(text: string): Introspected | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('The introspection response is not a JSON object.');
  const { active, sub, username, roles, exp } = value as Readonly<Record<string, unknown>>;
  if (active === false) return null;
  const isWhole = active === true && isText(sub) && isText(username) && Array.isArray(roles) && roles.every(isText);
  if (!isWhole || typeof exp !== 'number') throw new Error('The introspection response has an unexpected form.');
  return { user: { id: sub, username, roles }, endsAtMs: exp * 1000 };
}

/**
 * Reads a reply to an exchange (RFC 8693 §2.2). The signature is not checked: the token came from the server itself,
 * and its receiver checks it.
 * @throws Error if it is not such a reply
 */
export function readExchange({ status, text }: Pick<HttpReply, 'status' | 'text'>): Exchanged | null {
  const { access_token: token, error } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (status === 400 && error === 'invalid_request') return null;
  if (status !== 200 || !isText(token)) throw new Error('The exchange response contains no token.');
  const { sub, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<
    Record<string, unknown>
  >;
  if (!isText(sub) || typeof exp !== 'number') throw new Error('The exchanged token has an unexpected form.');
  return { token, user: { id: sub }, endsAtMs: exp * 1000 };
}

/** @throws TypeError if the address has no secret */
export function createIssuerClient({ url, secret }: CompanionAddress): IssuerClient {
  if (secret === undefined) throw new TypeError('The authorization server requires a client secret.');
  const http = createHttpClient({
    origin: url,
    deadlineMs: DEADLINE_MS,
    largestReplyBytes: LARGEST_REPLY_BYTES,
    connections: CONNECTIONS,
  });
  const authorization = clientAuthorization(secret);
  const form = { authorization, 'content-type': FORM };

  /** @throws StoreUnavailable unless the answer has one of these statuses and, with a body, is JSON that `read` accepts */
  async function ask<T>(
    request: HttpRequest,
    status: number,
    read: (reply: HttpReply) => T,
    other = status,
  ): Promise<T> {
    try {
      const reply = await http.request(request);
      if (reply.status !== status && reply.status !== other)
        throw new Error(`The authorization server returned ${reply.status}.`);
      return read(reply);
    } catch (cause) {
      throw new StoreUnavailable(cause);
    }
  }

  function json({ mediaType, text }: HttpReply): string {
    if (mediaType !== JSON_TYPE) throw new Error(`The authorization server returned ${mediaType || 'no media type'}.`);
    return text;
  }

  function askForToken<T>(path: string, body: IssueBody, read: (token: unknown) => T): Promise<T> {
    const headers = { authorization, 'content-type': JSON_TYPE };
    return ask({ method: 'POST', path, headers, body: JSON.stringify(body) }, 200, (reply) =>
      read((JSON.parse(json(reply)) as { token?: unknown }).token),
    );
  }

  const nothing = () => {};
  return {
    introspect: (token) =>
      ask(
        // The token consists of letters, digits, `-` and `_`, as the caller has checked, so it needs no escaping.
        { method: 'POST', path: ISSUER_PATHS.introspect, headers: form, body: `token=${token}` },
        200,
        (reply) => readIntrospection(json(reply)),
      ),
    exchange: (token, lifetimeSeconds) =>
      ask(
        { method: 'POST', path: ISSUER_PATHS.exchange, headers: form, body: exchangeOf(token, lifetimeSeconds) },
        200,
        (reply) => readExchange({ status: reply.status, text: json(reply) }),
        400,
      ),
    issue: (user, lifetimeSeconds) =>
      askForToken(ISSUER_PATHS.issue, { user, lifetimeSeconds }, (token) => {
        if (token !== null && !isText(token)) throw new Error('The issued token has an unexpected form.');
        return token;
      }),
    sign: (user, lifetimeSeconds) =>
      askForToken(ISSUER_PATHS.sign, { user, lifetimeSeconds }, (token) => {
        if (!isText(token)) throw new Error('The signed token has an unexpected form.');
        return token;
      }),
    keySet: () => ask({ method: 'GET', path: ISSUER_PATHS.keySet, headers: {} }, 200, json),
    revoke: (token) =>
      ask({ method: 'POST', path: ISSUER_PATHS.revoke, headers: form, body: `token=${token}` }, 200, nothing),
    revokeNamed: (id) =>
      ask({ method: 'DELETE', path: ISSUER_PATHS.token(id), headers: { authorization } }, 204, nothing),
    revokeAllOf: (userId) =>
      ask({ method: 'DELETE', path: ISSUER_PATHS.tokensOf(userId), headers: { authorization } }, 204, nothing),
    accounts: {
      isDisabled: (userId) =>
        ask({ method: 'GET', path: ISSUER_PATHS.disabled(userId), headers: { authorization } }, 200, (reply) => {
          const { disabled } = JSON.parse(json(reply)) as { disabled?: unknown };
          if (typeof disabled !== 'boolean') throw new Error('The user state in the response has an unexpected form.');
          return disabled;
        }),
      disable: (userId) =>
        ask({ method: 'PUT', path: ISSUER_PATHS.disabled(userId), headers: { authorization } }, 204, nothing),
    },
    close: () => http.close(),
  };
}
