/** Mutants of an edge, and of the replica behind it: each trusts something wrongly, or for too long. */
import { verify } from 'node:crypto';
import { type Identity, SERVICE_TOKEN } from '../../contract.ts';
import type { Edge, Exchange, SentHeaders } from '../../edge.ts';
import type { SchemeContext } from '../../scheme.ts';
import { alsoAccepts, claimsFit, type ReadToken, readBearer } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

const ARM = 'phantom-token';
const FORWARDED_FOR = 'x-forwarded-for';
const USER = 'x-forwarded-user';

function isSignedByIssuer({ header, signed, signature }: ReadToken, { secrets }: SchemeContext): boolean {
  const isRsa = header.alg === 'RS256' && header.crit === undefined;
  return isRsa && verify('sha256', Buffer.from(signed), secrets.rsaPublicKey, Buffer.from(signature, 'base64url'));
}

/** The headers that the edge forwards, including those that existed before. */
function passing(names: readonly string[], real: Edge): Edge {
  return {
    ...real,
    headersOf({ raw, ip }) {
      const sent: SentHeaders = { 'content-type': raw.headers['content-type'] ?? '', [FORWARDED_FOR]: ip };
      if (sent['content-type'] === '') delete sent['content-type'];
      for (const name of names) {
        const value = raw.headers[name];
        if (value !== undefined) sent[name] = value;
      }
      return sent;
    },
  };
}

export const EDGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'edge-sends-on-client-tokens',
    arm: ARM,
    check: 85,
    hole: 'The edge sends a signed token of a client on as it is, because the replica will verify it.',
    edge: (real) => ({
      ...real,
      async exchange(request, isCritical) {
        const token = readBearer(request);
        const { authorization = '' } = request.headers;
        return token === null
          ? real.exchange(request, isCritical)
          : { authorization, userId: String(token.claims.sub) };
      },
    }),
  },
  {
    name: 'edge-keeps-tokens',
    arm: ARM,
    check: 31,
    hole: 'The edge goes on sending a token that it has exchanged once, for as long as that is valid.',
    edge(real) {
      const kept = new Map<string, Exchange>();
      return {
        ...real,
        async exchange(request, isCritical) {
          const { authorization = '' } = request.headers;
          const exchanged = await real.exchange(request, isCritical);
          if (exchanged !== null) kept.set(authorization, exchanged);
          return isCritical ? exchanged : (exchanged ?? kept.get(authorization) ?? null);
        },
      };
    },
    alsoFails: {
      23: 'a logout is not noticed',
      24: 'a logout everywhere is not noticed',
      25: 'the disabling of a user is not noticed',
      28: 'an expired token is sent on until the service refuses it',
      77: 'an expired token is exchanged no more, but its exchange is kept',
    },
  },
  {
    name: 'edge-believes-addresses',
    arm: ARM,
    check: 87,
    hole: 'The edge sends on the `X-Forwarded-For` of a client in place of its own.',
    edge: (real) => passing([FORWARDED_FOR], real),
    alsoFails: { 57: 'each claimed address has failed logins of its own' },
  },
  {
    name: 'service-of-any-audience',
    arm: ARM,
    check: 86,
    hole: 'The replica accepts every token of the authorization server, whomever it is for.',
    scheme: (real, context) =>
      alsoAccepts(real, (token) => claimsFit(token.claims, context.now(), ['aud']) && isSignedByIssuer(token, context)),
  },
  {
    name: 'service-of-any-type',
    arm: ARM,
    check: 86,
    hole: 'The replica accepts other tokens than access tokens, such as ID tokens.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) => claimsFit(token.claims, context.now(), [], SERVICE_TOKEN.aud) && isSignedByIssuer(token, context),
        'any',
      ),
  },
  {
    name: 'service-believes-a-header',
    arm: ARM,
    check: 86,
    hole: 'The replica trusts a header that names the user, since only the edge can reach it.',
    scheme: (real, { directory }) => ({
      ...real,
      authenticate(request, reply, done) {
        const named = request.headers[USER];
        const user: Identity | undefined = directory.firstAdmin;
        if (typeof named !== 'string' || user === undefined) return real.authenticate(request, reply, done);
        request.identity = user;
        done();
      },
    }),
  },
  {
    name: 'edge-sends-on-users',
    arm: ARM,
    check: 87,
    hole: 'The edge sends on a header by which services behind it tell each other who makes a request.',
    edge: (real) => passing([USER], real),
    scheme: (real, { directory }) => ({
      ...real,
      authenticate(request, reply, done) {
        real.authenticate(request, reply, (error) => {
          const user: Identity | undefined = directory.firstAdmin;
          if (error === undefined && request.headers[USER] !== undefined && user !== undefined) request.identity = user;
          done(error);
        });
      },
    }),
  },
];
