/**
 * Resolves host names for every connection. `localhost` is both loopback addresses (RFC 6761, 6.3), whatever the hosts file
 * says: a service may listen on one of them alone. Node then tries the second if the first one refuses.
 */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** In the order in which they are tried, so that every part of a run reaches the same service. */
export const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

const lookup: LookupFunction = (host, options, callback) => {
  if (host.toLowerCase() !== 'localhost') systemLookup(host, options, callback);
  else if (options.all === true) callback(null, LOOPBACK);
  else callback(null, '127.0.0.1', 4);
};

/**
 * Options of every socket. Node gives up an address after 250 or 500 ms by default. A stall of this process may exceed
 * that although the service accepted the connection.
 */
export const RESOLVING = { lookup, autoSelectFamilyAttemptTimeout: 2_000 };

/** Why a connection failed. Node gives no message if it tried several addresses, but the error of each. */
export function connectFault(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  const each = error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)));
  return [...new Set(each)].join(', ');
}
