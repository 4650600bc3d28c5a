/** The interface of the authorization server for replicas: its paths, and the bodies of requests and replies. */
import type { Static } from 'typebox';
import { Identity } from '../contract.ts';
import { Type } from '../schema.ts';

export const ISSUER_PATHS = {
  /** RFC 7662. */
  introspect: '/introspect',
  /** RFC 7009. */
  revoke: '/revoke',
  /** RFC 8693: a signed token for an opaque one. */
  exchange: '/token',
  /** Not standard: a token for a user who has logged in. */
  issue: '/tokens',
  /** Not standard: a signed token for a user who has logged in. */
  sign: '/signed-tokens',
  /** RFC 7517 §5; for everybody. */
  keySet: '/.well-known/jwks.json',
  /** Not standard: signs with the next key from now on. */
  rotate: '/keys/rotate',
  /** Not standard: DELETE ends the token of this name. */
  token: (id: string) => `/tokens/${encodeURIComponent(id)}`,
  /** Not standard: DELETE ends all tokens of a user. */
  tokensOf: (userId: string) => `/users/${encodeURIComponent(userId)}/tokens`,
  /** Not standard: PUT disables the user, and GET says whether the user is disabled. */
  disabled: (userId: string) => `/users/${encodeURIComponent(userId)}/disabled`,
} as const;

/** The id of every client: all replicas are one client (RFC 6749 §2.3.1). */
export const CLIENT_ID = 'replica';

/** `Authorization: Basic` (RFC 6749 §2.3.1), of a secret of letters, digits, `-` and `_`. */
export function clientAuthorization(secret: string): string {
  return `Basic ${Buffer.from(`${CLIENT_ID}:${secret}`).toString('base64')}`;
}

const closed = { additionalProperties: false } as const;

export const IssueBody = Type.Object(
  { user: Identity, lifetimeSeconds: Type.Integer({ minimum: 1, maximum: 31_536_000 }) },
  closed,
);
export type IssueBody = Static<typeof IssueBody>;

/** The token is null if the user is disabled. */
export const IssueReply = Type.Object({ token: Type.Union([Type.String(), Type.Null()]) }, closed);
export type IssueReply = Static<typeof IssueReply>;

export const SignReply = Type.Object({ token: Type.String() }, closed);

/** Parameters of RFC 8693 §2.1 and §2.2.1. */
export const EXCHANGE = {
  grant: 'urn:ietf:params:oauth:grant-type:token-exchange',
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

/** The longest that a signed token may be asked to live: more than eleven days. */
export const MOST_LIFETIME_SECONDS = 999_999;

/** RFC 8693 §2.1, as a form. `lifetime` is an extension: the longest lifetime of the signed token, in seconds. */
export const ExchangeForm = Type.Object(
  {
    grant_type: Type.Literal(EXCHANGE.grant),
    subject_token: Type.String({ minLength: 1, maxLength: 8_192 }),
    subject_token_type: Type.Literal(EXCHANGE.accessToken),
    requested_token_type: Type.Literal(EXCHANGE.jwt),
    audience: Type.String({ minLength: 1, maxLength: 256 }),
    lifetime: Type.String({ pattern: `^[1-9][0-9]{0,${String(MOST_LIFETIME_SECONDS).length - 1}}$` }),
  },
  closed,
);
export type ExchangeForm = Static<typeof ExchangeForm>;

/** RFC 8693 §2.2.1. The token's expiry is in its `exp`: `expires_in` has only whole seconds. */
export const ExchangeReply = Type.Object(
  {
    access_token: Type.String(),
    issued_token_type: Type.Literal(EXCHANGE.jwt),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/**
 * RFC 6749 §5.2. In an exchange, `invalid_request` says that the token is not, or no longer, valid (RFC 8693 §2.2.2).
 */
export const ExchangeRefusal = Type.Object(
  { error: Type.Union([Type.Literal('invalid_request'), Type.Literal('invalid_target')]) },
  closed,
);

export const DisabledReply = Type.Object({ disabled: Type.Boolean() }, closed);
export type DisabledReply = Static<typeof DisabledReply>;

/** RFC 7662 §2.2, for a valid token. Times are in seconds since the epoch; `jti` identifies the token. */
export const ActiveReply = Type.Object(
  {
    /** Always true: for other tokens nothing else is sent. */
    active: Type.Boolean(),
    token_type: Type.Literal('Bearer'),
    client_id: Type.String(),
    sub: Type.String(),
    username: Type.String(),
    roles: Type.Array(Type.String()),
    iat: Type.Number(),
    exp: Type.Number(),
    jti: Type.String(),
  },
  closed,
);
export type ActiveReply = Static<typeof ActiveReply>;
