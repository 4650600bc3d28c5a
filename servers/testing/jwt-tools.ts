/** Tools for broken token schemes: they read and sign tokens by hand, since a library would refuse to. */
import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../contract.ts';
import { secretBytes } from '../keys.ts';
import type { Scheme, SchemeContext } from '../scheme.ts';
import { JWT_AUDIENCE, JWT_ISSUER } from '../schemes/access-tokens.ts';
import { isCanonicalToken } from '../schemes/compact-form.ts';
import { signingKeys } from '../schemes/signing-keys.ts';
import type { TokenClaims } from '../schemes/token-claims.ts';

export interface ReadToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The signed text, `header.payload`. */
  readonly signed: string;
  /** The signature in base64url. */
  readonly signature: string;
}

function readJson(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Parses the bearer token of a request without verifying it; null if there is none. */
export function readBearer(request: FastifyRequest): ReadToken | null {
  const [, token = ''] = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const [head, payload, signature, ...more] = token.split('.');
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) return null;
  const [header, claims] = [readJson(head), readJson(payload)];
  return header && claims ? { header, claims, signed: `${head}.${payload}`, signature } : null;
}

export function hmac(key: Buffer | string, text: string, hash = 'sha256'): string {
  return createHmac(hash, key).update(text).digest('base64url');
}

type Claim = 'iss' | 'aud' | 'exp' | 'nbf';

/** Whether the claims are valid, apart from those in `except`. */
export function claimsFit(
  claims: ReadToken['claims'],
  nowMs: number,
  except: readonly Claim[] = [],
  audience: string = JWT_AUDIENCE,
): boolean {
  const nowSeconds = nowMs / 1000;
  const { iss, aud, exp, nbf, sub, username, jti, roles } = claims;
  const fits: Record<Claim, boolean> = {
    iss: iss === JWT_ISSUER,
    aud: aud === audience,
    exp: typeof exp === 'number' && exp > nowSeconds,
    nbf: nbf === undefined || (typeof nbf === 'number' && nbf <= nowSeconds),
  };
  const unmet = Object.entries(fits).filter(([claim, fit]) => !fit && !except.includes(claim as Claim));
  return unmet.length === 0 && [sub, username, jti].every((one) => typeof one === 'string') && Array.isArray(roles);
}

/** Accepts the claims as the request's identity. */
export function honour(request: FastifyRequest, claims: ReadToken['claims']): void {
  request.user = claims as unknown as FastifyRequest['user'];
  const { sub, username, roles } = claims as unknown as TokenClaims;
  request.identity = { id: sub, username, roles };
}

/** Whether a token is a canonically encoded access token, issued in the past and with an expiry. */
function isWellFormed({ header, claims, signed, signature }: ReadToken): boolean {
  const { iat, exp, sub, roles } = claims;
  const isNumber = (value: unknown, most: number) => typeof value !== 'number' || (value >= 0 && value <= most);
  return (
    header.typ === 'at+jwt' &&
    isCanonicalToken(`${signed}.${signature === '' ? 'AA' : signature}`) &&
    isNumber(iat, Date.now() / 1000 + 60) &&
    typeof iat !== 'string' &&
    isNumber(exp, 1e12) &&
    typeof sub === 'string' &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string')
  );
}

/**
 * Wraps a scheme so that it also accepts tokens for which `accepts` returns true. @param form `any` if the mutant is
 * about the form; each other mutant has exactly one vulnerability
 */
export function alsoAccepts(
  real: Scheme,
  accepts: (token: ReadToken) => boolean | Promise<boolean>,
  form: 'right' | 'any' = 'right',
): Scheme {
  return {
    ...real,
    authenticate(request, reply, done) {
      real.authenticate(request, reply, (error) => {
        const token = error === undefined ? null : readBearer(request);
        if (token === null || (form === 'right' && !isWellFormed(token))) return done(error);
        Promise.resolve(accepts(token)).then(
          (yes) => {
            if (yes) honour(request, token.claims);
            done(yes ? undefined : error);
          },
          () => done(error),
        );
      });
    },
  };
}

/** Whether the signature was made with the arm's own HMAC key. */
export function isSigned({ signed, signature }: ReadToken, { secrets }: SchemeContext): boolean {
  return signature === hmac(secretBytes(secrets.hmacKey, 'hmacKey'), signed);
}

/** Signs an access token like the arm's own, with additional or changed claims. */
export function signToken({ secrets, now }: SchemeContext, user: Identity, more: Record<string, unknown> = {}): string {
  const { keyId } = signingKeys('HS256', secrets).verifying;
  const iat = Math.floor(now() / 1000);
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: user.id, username: user.username, roles: user.roles, jti: crypto.randomUUID() };
  const registered = { iat, exp: iat + 60, iss: JWT_ISSUER, aud: JWT_AUDIENCE };
  const signed = `${text({ alg: 'HS256', typ: 'at+jwt', kid: keyId })}.${text({ ...claims, ...registered, ...more })}`;
  return `${signed}.${hmac(secretBytes(secrets.hmacKey, 'hmacKey'), signed)}`;
}
