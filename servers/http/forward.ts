/**
 * Forwards a checked request to the next service of a chain, and returns its reply. `Max-Forwards` (RFC 9110 §7.6.2)
 * sets how many services further a request goes; without it, or at 0, this service answers itself.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ChainPlace, Secrets } from '../configuration.ts';
import { type Identity, ROUTES } from '../contract.ts';
import { HttpError, Unauthenticated } from '../errors.ts';
import { createHttpClient } from '../http-client.ts';
import type { Guard } from '../scheme.ts';
import { credentialOf } from '../schemes/chain/chain-schemes.ts';
import { IDENTITY_HEADER, passedIdentity } from '../schemes/chain/passed-identity.ts';

export const MAX_FORWARDS = 'max-forwards';

/** Longer than a service's time-out for its own store, so that the one which knows the cause gives up first. */
const DEADLINE_MS = 5_000;
const LARGEST_REPLY_BYTES = 64 * 1024;
const CONNECTIONS = 64;

/** @returns how many services further a request may go: 0 if the header is not a plain number */
export function forwardsLeft(header: string | readonly string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,2}$/.test(header) ? Number(header) : 0;
}

/**
 * A guard that follows the scheme's own. Chain headers sent by a client are not forwarded, but created again.
 * @returns null for the last service of a chain
 */
export function createForward(
  app: FastifyInstance,
  { checks, next }: ChainPlace,
  secrets: Secrets,
  now: () => number,
): Guard | null {
  if (next === undefined) return null;
  const http = createHttpClient({
    origin: next.url,
    deadlineMs: DEADLINE_MS,
    largestReplyBytes: LARGEST_REPLY_BYTES,
    connections: CONNECTIONS,
  });
  app.addHook('onClose', () => http.close());
  const passed = passedIdentity(secrets, now);

  /** The received header was just verified, so an inner service forwards it unchanged. */
  function identityHeader({ headers }: FastifyRequest, identity: Identity): string {
    const given = headers[IDENTITY_HEADER];
    return checks === 'passed-on' && typeof given === 'string' ? given : passed.write(identity);
  }

  return (request, reply, done) => {
    const left = forwardsLeft(request.headers[MAX_FORWARDS]);
    if (left === 0) return done();
    const { identity } = request;
    if (identity === null) return done(new Unauthenticated());
    const about =
      next.sends === 'credential' ? credentialOf(request) : { [IDENTITY_HEADER]: identityHeader(request, identity) };
    const headers = { ...about, [MAX_FORWARDS]: `${left - 1}` };
    http.request({ method: 'GET', path: ROUTES.me.path, headers }).then(
      ({ status, mediaType, text }) => {
        void reply.code(status).header('content-type', `${mediaType}; charset=utf-8`).send(text);
      },
      (cause: unknown) => done(new HttpError(502, 'The next service does not answer.', { cause })),
    );
  };
}
