/** Mutants of a token's form: schemes that accept another type, claims that no issuer writes, or an alternative encoding. */
import { verify } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { secretBytes } from '../../keys.ts';
import type { Scheme } from '../../scheme.ts';
import { alsoAccepts, claimsFit, hmac, isSigned, type ReadToken, readBearer } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

const anyForm = (real: Scheme, accepts: (token: ReadToken) => boolean) => alsoAccepts(real, accepts, 'any');

const isPlain = (header: Readonly<Record<string, unknown>>) => header.crit === undefined && header.typ === 'at+jwt';

/** The decoded payload of a request's token, as text. */
function payloadOf(request: FastifyRequest): string {
  const [, payload = ''] = /^bearer [^.]+\.([^.]+)/i.exec(request.headers.authorization ?? '') ?? [];
  return Buffer.from(payload, 'base64url').toString();
}

/** Also accepts correctly signed tokens of one unusual kind. */
function acceptsSigned(
  name: string,
  check: number,
  hole: string,
  isOdd: (token: ReadToken, nowMs: number) => boolean,
): Mutant {
  return {
    name,
    arm: 'jwt-hs256',
    check,
    hole,
    scheme: (real, context) =>
      anyForm(
        real,
        (token) => isOdd(token, context.now()) && isSigned(token, context) && claimsFit(token.claims, context.now()),
      ),
  };
}

export const FORM_MUTANTS: readonly Mutant[] = [
  acceptsSigned(
    'type-ignored',
    59,
    'A token for another purpose, such as a logout, is accepted as an access token.',
    ({ header }) => header.crit === undefined && header.typ !== 'at+jwt',
  ),
  acceptsSigned(
    'type-optional',
    59,
    'Another type is refused, and a token without a type is not.',
    ({ header }) => header.crit === undefined && header.typ === undefined,
  ),
  acceptsSigned(
    'issued-tomorrow',
    60,
    'The time of issue is not looked at, so a token may come from the future.',
    ({ header, claims }, now) => isPlain(header) && typeof claims.iat === 'number' && claims.iat * 1000 > now + 60_000,
  ),
  acceptsSigned(
    'expiry-unbounded',
    60,
    'An expiry may lie beyond any date, so the token never ends.',
    ({ header, claims }) => isPlain(header) && Number(claims.exp) > 1e15,
  ),
  {
    name: 'spelling-ignored',
    arm: 'jwt-hs256',
    check: 61,
    hole: 'Signatures are compared after decoding, so each token has several spellings.',
    scheme: (real, context) =>
      anyForm(real, (token) => {
        const key = secretBytes(context.secrets.hmacKey, 'hmacKey');
        const decoded = Buffer.from(token.signature, 'base64url').toString('base64url');
        return (
          isPlain(token.header) &&
          decoded !== token.signature &&
          decoded === hmac(key, token.signed) &&
          claimsFit(token.claims, context.now())
        );
      }),
  },
  {
    name: 'payload-unencoded',
    arm: 'jwt-hs256',
    check: 62,
    hole: 'The header may say that the payload is signed unencoded.',
    scheme: (real, context) =>
      anyForm(real, ({ header, claims, signed, signature }) => {
        const [head = '', payload = ''] = signed.split('.');
        const plain = `${head}.${Buffer.from(payload, 'base64url').toString()}`;
        const key = secretBytes(context.secrets.hmacKey, 'hmacKey');
        return header.b64 === false && signature === hmac(key, plain) && claimsFit(claims, context.now());
      }),
  },
  {
    name: 'signature-in-der',
    arm: 'jwt-es256',
    check: 62,
    hole: 'A signature is accepted in DER too, so each token has two.',
    scheme: (real, context) =>
      anyForm(
        real,
        ({ header, claims, signed, signature }) =>
          isPlain(header) &&
          verify(
            'sha256',
            Buffer.from(signed),
            { key: context.secrets.ecPublicKey, dsaEncoding: 'der' },
            Buffer.from(signature, 'base64url'),
          ) &&
          claimsFit(claims, context.now()),
      ),
  },
  {
    name: 'first-of-two-claims',
    arm: 'jwt-hs256',
    check: 62,
    hole: 'The signature is checked by one parser and the roles are read by another, which takes the first of two.',
    scheme: (real) => ({
      ...real,
      authenticate: (request, reply, done) =>
        real.authenticate(request, reply, (error) => {
          const { identity } = request;
          const first = /"roles":(\[[^\]]*\])/.exec(payloadOf(request))?.[1];
          if (error === undefined && identity !== null && first !== undefined && readBearer(request) !== null) {
            request.identity = { ...identity, roles: JSON.parse(first) as string[] };
          }
          done(error);
        }),
    }),
  },
];
