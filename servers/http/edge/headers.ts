/**
 * The headers that an edge sends on. What only the edge may say, a client must not: who makes a request, for whom, and from
 * where. A client's own `Authorization` is never sent on; the edge sends what it exchanged it for.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { SentHeaders } from '../../edge.ts';

/** Headers of one connection, and not of the request or reply (RFC 9110 §7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the edge says itself, or its HTTP client. */
const OWN: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'expect',
  'forwarded',
  'host',
  'x-real-ip',
]);
/** `X-Forwarded-For` and its like, and headers by which services of this application tell each other who makes a request. */
const OWN_PREFIXES = ['x-forwarded-', 'x-tollgate-'];

/** An underscore may be read as a hyphen behind the edge, so that a name gets past the list above; nginx drops them too. */
function isOwn(name: string): boolean {
  return OWN.has(name) || name.includes('_') || OWN_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** The names that `Connection` lists are of this connection alone. */
function listedIn(connection: string | undefined): readonly string[] {
  return connection === undefined ? [] : connection.split(',').map((name) => name.trim().toLowerCase());
}

function without(headers: IncomingHttpHeaders, isDropped: (name: string) => boolean): SentHeaders {
  const kept: SentHeaders = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !HOP_BY_HOP.has(name) && !isDropped(name)) kept[name] = value;
  }
  return kept;
}

/**
 * @param client its address, as the edge knows it: by its connection, or from a proxy that it trusts
 * @param protocol over which the client came, known in the same way
 * @returns the headers that are forwarded in addition to the credential
 */
export function sentHeaders(headers: IncomingHttpHeaders, client: string, protocol: string): SentHeaders {
  const listed = listedIn(headers.connection);
  const kept = without(headers, (name) => isOwn(name) || listed.includes(name));
  // Added last, so that no `Connection` of a client can take them away.
  kept['x-forwarded-for'] = client;
  // A proxy may send any text.
  kept['x-forwarded-proto'] = protocol.toLowerCase() === 'https' ? 'https' : 'http';
  return kept;
}

/** The headers of a reply that are handed to the client. */
export function repliedHeaders(headers: IncomingHttpHeaders): SentHeaders {
  const listed = listedIn(headers.connection);
  return without(headers, (name) => listed.includes(name));
}
