/** Signed access tokens by @fastify/jwt, shared by all schemes with a JWT. */
import { randomUUID } from 'node:crypto';
import jwtPlugin from '@fastify/jwt';
import { createVerifier } from 'fast-jwt';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Secrets } from '../configuration.ts';
import type { Identity } from '../contract.ts';
import { Unauthenticated } from '../errors.ts';
import type { Guard } from '../scheme.ts';
import { isCanonicalToken } from './compact-form.ts';
import { type OwnClaims, ownTokenReader } from './own-token.ts';
import { type JwtAlgorithm, signingKeys } from './signing-keys.ts';
import type { TokenClaims } from './token-claims.ts';

export const JWT_ISSUER = 'https://tollgate.invalid';
export const JWT_AUDIENCE = 'tollgate';
/** RFC 6750 §2.1: the scheme's name in any case, and a space. The rest is the token, which the verifier checks. */
const BEARER = /^Bearer /i;
const TOKEN_AT = 'Bearer '.length;
/** RFC 9068 §2.1: distinguishes access tokens from other tokens signed with the same key (RFC 8725 §3.11). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const BEARER_CHALLENGE = 'Bearer realm="tollgate"';

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: TokenClaims;
    user: TokenClaims & { readonly exp: number };
  }
}

export interface AccessTokenOptions {
  readonly algorithm: JwtAlgorithm;
  readonly secrets: Secrets;
  readonly lifetimeSeconds: number;
  /** The number of verified tokens to cache, so that each is verified once; 0 for no cache. */
  readonly cacheEntries?: number;
  /**
   * True reads the server's own HS256 tokens by hand, and passes all others to fast-jwt's verifier with the same requirements.
   * On every request the plugin decodes a token twice, merges its options, and goes through several callbacks and a promise;
   * the verifier allocates an object for each HMAC, and parses a header that is always the same.
   */
  readonly byHand?: boolean;
  /** Finds the token in a request, if it is not in the Authorization header. */
  readonly extractToken?: (request: FastifyRequest) => string | undefined;
}

export interface AccessTokens {
  readonly expiresInSeconds: number;
  install(scope: FastifyInstance): Promise<void>;
  issue(
    user: Identity,
    more?: Pick<TokenClaims, 'sid' | 'issuedMs' | 'status' | 'cnf'>,
  ): {
    readonly token: string;
    readonly jti: string;
  };
  /** Sets `request.user` to the claims and `request.identity`, or fails with Unauthenticated. */
  readonly authenticate: Guard;
}

/** The most that a date can hold (ECMA-262 §21.4.1.1), in seconds. */
const LAST_DATE_SECONDS = 8.64e12;
/**
 * How far the clock of the issuing server may be ahead of this one's. RFC 7519 §4.1.6 has no rule for an `iat` in the
 * future; for `nbf`, §4.1.5 allows some leeway, "usually no more than a few minutes".
 */
const ISSUED_AHEAD_SECONDS = 60;

const isText = (value: unknown): boolean => typeof value === 'string';

/**
 * A signature vouches for the claims, not for their types. Null for claims that no access token of this server has:
 * the key was then used for something else, or by somebody else. @param nowMs on the clock that its expiry is judged
 * by, so that both times of a token use the same clock
 */
export function identityOf(
  claims: TokenClaims & { readonly exp?: unknown; readonly iat?: unknown },
  nowMs: number,
): Identity | null {
  const { sub, username, roles, jti, exp, iat } = claims;
  const hasIdentity = isText(sub) && isText(username) && isText(jti) && Array.isArray(roles) && roles.every(isText);
  const hasEnd = typeof exp === 'number' && exp <= LAST_DATE_SECONDS;
  const isIssued = iat === undefined || (typeof iat === 'number' && iat <= nowMs / 1000 + ISSUED_AHEAD_SECONDS);
  return hasIdentity && hasEnd && isIssued ? { id: sub, username, roles } : null;
}

/** Returns everything after the name of the scheme: the verifier judges it. */
export function bearerToken({ headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization !== undefined && BEARER.test(authorization) ? authorization.slice(TOKEN_AT) : undefined;
}

/** @throws StartError BAD_START if a key is too weak, or of another kind */
export function accessTokens(options: AccessTokenOptions): AccessTokens {
  const { algorithm, lifetimeSeconds, cacheEntries = 0, byHand = false, extractToken } = options;
  const { signing, verifying, previous } = signingKeys(algorithm, options.secrets);
  // fast-jwt checks these only if they are named: without them any algorithm that fits the key, any issuer, and a token
  // without expiry would be accepted.
  const demands = {
    algorithms: [algorithm],
    checkTyp: ACCESS_TOKEN_TYPE,
    allowedIss: JWT_ISSUER,
    allowedAud: JWT_AUDIENCE,
    requiredClaims: ['exp', 'aud', 'iss', 'jti', 'sub'],
    // The cache keeps the library's default key, a hash of the whole token: with a custom key, one identity could be
    // served for another (GHSA-rp9m-7r4c-75qg).
    ...(cacheEntries > 0 ? { cache: cacheEntries } : {}),
  };
  const verifyPrevious = previous === null ? null : createVerifier<string>({ ...demands, key: previous.key });
  let scope: FastifyInstance | undefined;
  let readOwn: (token: string, nowMs: number) => OwnClaims | null = () => null;

  function installed(): FastifyInstance {
    if (scope === undefined) throw new TypeError('install() comes first.');
    return scope;
  }

  /** @returns the argument for `done`: undefined if the claims are those of an access token */
  function accept(request: FastifyRequest, claims: TokenClaims): Unauthenticated | undefined {
    // The verifiers have checked `exp` by the system's clock: they accept no other per token.
    const identity = identityOf(claims, Date.now());
    if (identity === null) return new Unauthenticated();
    request.identity = identity;
    return undefined;
  }

  /** After a rotation, returns the claims of a token that names the previous key and was signed with it, or null. */
  function acceptPrevious(request: FastifyRequest): FastifyRequest['user'] | null {
    if (verifyPrevious === null) return null;
    try {
      const token = installed().jwt.lookupToken(request);
      const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
      if ((header as { kid?: unknown } | null)?.kid !== previous?.keyId) return null;
      return verifyPrevious(token);
    } catch {
      return null;
    }
  }

  /** Handles a token that the current key refused: the previous key may accept it. @returns the argument for `done` */
  function otherwise(request: FastifyRequest): Unauthenticated | undefined {
    const claims = acceptPrevious(request);
    if (claims === null) return new Unauthenticated();
    request.user = claims;
    return accept(request, claims);
  }

  const tokenIn = extractToken ?? bearerToken;
  const authenticateByPlugin: Guard = (request, _reply, done) => {
    const token = tokenIn(request);
    if (token === undefined || !isCanonicalToken(token)) return done(new Unauthenticated());
    // Without options: given per call, they would build a new verifier each time.
    request.jwtVerify<TokenClaims>().then(
      (claims) => done(accept(request, claims)),
      () => done(otherwise(request)),
    );
  };

  function authenticateByHand(): Guard {
    const verify = createVerifier<string>({ ...demands, key: verifying.key });
    return (request, _reply, done) => {
      const token = bearerToken(request);
      if (token === undefined || !isCanonicalToken(token)) return done(new Unauthenticated());
      try {
        request.user = readOwn(token, Date.now()) ?? verify(token);
      } catch {
        return done(otherwise(request));
      }
      done(accept(request, request.user));
    };
  }

  return {
    expiresInSeconds: lifetimeSeconds,

    async install(given) {
      scope = given;
      await given.register(jwtPlugin, {
        secret: algorithm === 'HS256' ? signing : { private: signing, public: verifying.key },
        // The plugin takes seconds and converts them to the milliseconds of fast-jwt.
        sign: {
          algorithm,
          expiresIn: lifetimeSeconds,
          iss: JWT_ISSUER,
          aud: JWT_AUDIENCE,
          kid: verifying.keyId,
          header: { alg: algorithm, typ: ACCESS_TOKEN_TYPE },
        },
        verify: extractToken === undefined ? demands : { ...demands, extractToken },
      });
      if (byHand && typeof signing !== 'string') {
        const [header = ''] = given.jwt.sign({ sub: '', username: '', roles: [], jti: '' }).split('.');
        readOwn = ownTokenReader({ key: signing, header, issuer: JWT_ISSUER, audience: JWT_AUDIENCE });
      }
    },

    issue(user, more) {
      const jti = randomUUID();
      const claims = { sub: user.id, username: user.username, roles: user.roles, jti, ...more };
      return { token: installed().jwt.sign(claims), jti };
    },

    authenticate: byHand ? authenticateByHand() : authenticateByPlugin,
  };
}
