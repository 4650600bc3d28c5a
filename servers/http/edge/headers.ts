/**
 * The headers that an edge sends on. What only the edge may say, a client must not: who makes a request, for whom, and from
 * where. A client's own `Authorization` is never sent on; the edge sends what it exchanged it for.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { SentHeaders } from '../../edge.ts';
import { handedOn, OF_A_PROXY } from '../../proxy-headers.ts';

/** `Host` is written by the edge's HTTP client. */
const isOwn = (name: string) => name === 'authorization' || name === 'host' || OF_A_PROXY.test(name);

/**
 * @param client its address, as the edge knows it: by its connection, or from a proxy that it trusts
 * @param protocol over which the client came, known in the same way
 * @returns the headers that are forwarded in addition to the credential
 */
export function sentHeaders(headers: IncomingHttpHeaders, client: string, protocol: string): SentHeaders {
  const kept = handedOn(headers, isOwn);
  // Added last, so that no `Connection` of a client can take them away.
  kept['x-forwarded-for'] = client;
  // A proxy may send any text.
  kept['x-forwarded-proto'] = protocol.toLowerCase() === 'https' ? 'https' : 'http';
  return kept;
}

/** The headers of a reply that are handed to the client. */
export function repliedHeaders(headers: IncomingHttpHeaders): SentHeaders {
  return handedOn(headers);
}
