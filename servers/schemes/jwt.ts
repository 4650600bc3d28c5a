/**
 * Stateless bearer tokens by @fastify/jwt. Nothing is kept on the server, so nothing can be taken back: logout leaves it
 * to the client to discard the token, which stays valid until it expires.
 */
import { createHash, randomUUID } from 'node:crypto';
import jwtPlugin from '@fastify/jwt';
import type { Identity, Secrets } from '../contract.ts';
import { StoreUnavailable, Unauthenticated } from '../errors.ts';
import { rsaPublicPem, secretBytes } from '../keys.ts';
import type { SchemeFactory } from '../scheme.ts';

export type JwtAlgorithm = 'HS256' | 'RS256';

export const JWT_ISSUER = 'https://tollgate.invalid';
export const JWT_AUDIENCE = 'tollgate';

/** What a token says beside the registered claims `iss`, `aud`, `exp` and `iat`. */
interface TokenClaims {
  readonly sub: string;
  readonly username: string;
  readonly roles: string[];
  readonly jti: string;
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: TokenClaims;
    user: TokenClaims;
  }
}

/** HMAC keys are given as bytes, never as PEM text, so a public key can never be mistaken for one (RFC 8725 §2.1). */
function keysFor(algorithm: JwtAlgorithm, secrets: Secrets) {
  if (algorithm === 'HS256') {
    const key = secretBytes(secrets.hmacKey, 'hmacKey');
    return { secret: key, keyId: keyId(key) };
  }
  const publicPem = rsaPublicPem(secrets.rsaPublicKey);
  return { secret: { private: secrets.rsaPrivateKey, public: publicPem }, keyId: keyId(publicPem) };
}

/** Names a key without telling it: the start of its hash. */
function keyId(key: Buffer | string): string {
  return createHash('sha256').update('kid\0').update(key).digest('base64url').slice(0, 11);
}

/** A signature vouches for the claims, not for their shape; a token of another purpose would pass it. */
function identityOf(claims: TokenClaims): Identity | null {
  const { sub, username, roles } = claims;
  return typeof sub === 'string' && typeof username === 'string' && Array.isArray(roles)
    ? { id: sub, username, roles }
    : null;
}

export function bearerTokens(algorithm: JwtAlgorithm): SchemeFactory {
  return ({ secrets, settings }) => {
    const { secret, keyId: kid } = keysFor(algorithm, secrets);
    const expiresInSeconds = settings.tokenLifetimeSeconds;
    let sign: ((claims: TokenClaims) => string) | undefined;

    return {
      challenge: 'Bearer realm="tollgate"',
      coversPublicRoutes: false,

      async install(scope) {
        await scope.register(jwtPlugin, {
          secret,
          // Seconds here, though fast-jwt beneath takes milliseconds: the plugin converts.
          sign: { algorithm, expiresIn: expiresInSeconds, iss: JWT_ISSUER, aud: JWT_AUDIENCE, kid },
          // None of these is checked unless it is named: without them any algorithm that fits the key, any issuer and a
          // token that never expires would pass.
          verify: {
            algorithms: [algorithm],
            allowedIss: JWT_ISSUER,
            allowedAud: JWT_AUDIENCE,
            requiredClaims: ['exp', 'aud', 'iss', 'jti', 'sub'],
          },
        });
        sign = (claims) => scope.jwt.sign(claims);
      },

      async issue(_request, _reply, user) {
        if (sign === undefined) throw new TypeError('install() comes before issue().');
        const accessToken = sign({ sub: user.id, username: user.username, roles: user.roles, jti: randomUUID() });
        return { accessToken, expiresInSeconds };
      },

      authenticate(request, _reply, done) {
        // Bare: options given per call would build a new verifier each time.
        request.jwtVerify<TokenClaims>().then(
          (claims) => {
            const identity = identityOf(claims);
            if (identity === null) return done(new Unauthenticated());
            request.identity = identity;
            done();
          },
          (error: unknown) => done(error instanceof StoreUnavailable ? error : new Unauthenticated()),
        );
      },

      verifyCsrf: null,
      recheck: null,
      refresh: null,
      end: async () => {},
      endAll: async () => {},
      terminate: async () => {},
    };
  };
}
