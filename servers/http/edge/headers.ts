/**
 * The headers that an edge forwards. A client must not set those reserved for the edge: who makes a request, for
 * whom, and from where. A client's own `Authorization` is never forwarded; the edge sends what it exchanged it for.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { SentHeaders } from '../../edge.ts';
import { handedOn, OF_A_PROXY } from '../../proxy-headers.ts';

/** `Host` is written by the edge's HTTP client. */
const isOwn = (name: string) => name === 'authorization' || name === 'host' || OF_A_PROXY.test(name);

/**
 * @param client its address, from its connection or a trusted proxy @param protocol of the client, from the same
 * source @returns the headers that are forwarded in addition to the credential
 */
export function sentHeaders(headers: IncomingHttpHeaders, client: string, protocol: string): SentHeaders {
  const kept = handedOn(headers, isOwn);
  // Added last, so that a client's `Connection` header cannot remove them.
  kept['x-forwarded-for'] = client;
  // A proxy may send any text.
  kept['x-forwarded-proto'] = protocol.toLowerCase() === 'https' ? 'https' : 'http';
  return kept;
}

/** The headers of a reply to the client. */
export function repliedHeaders(headers: IncomingHttpHeaders): SentHeaders {
  return handedOn(headers);
}
