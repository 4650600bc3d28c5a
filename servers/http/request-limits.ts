/** For a whole request of a client. */
const REQUEST_MS = 30_000;

/**
 * How long a client may take for a request, as options of a server of Node.js: `requestTimeout` alone does not say it.
 *
 * - Fastify sets it on a server that has the default `headersTimeout` of 60 s, and Node.js swaps the two if the limit of the
 *   headers is the longer one: a request would have 60 s.
 * - Node.js looks which requests are too old every 30 s, whatever the limit.
 *
 * @param limitMs for a whole request, in ms
 * @returns options with which a request that stalls stays for a sixth longer than the limit at most
 */
export const requestLimits = (limitMs = REQUEST_MS) => ({
  requestTimeout: limitMs,
  headersTimeout: limitMs,
  connectionsCheckingInterval: Math.ceil(limitMs / 6),
});
