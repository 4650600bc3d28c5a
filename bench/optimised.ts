/** When V8 has made its last optimisations of a route, and how to have it make them sooner. */

/**
 * V8's compilers, asked for sooner than by default: at some 7,000 requests the route has its last optimisations instead
 * of at 17,000, and starts differ less. It is the same optimised code, though reached with less experience; so it serves
 * to compare what all have it, and not to tell what a request costs where it is deployed.
 */
export const SOONER_OPTIMISED = ['--invocation-count-for-turbofan=1000', '--invocation-count-for-maglev=150'];

/** Until nothing of the route is optimised any more, with these flags and without. */
export const OPTIMISED_REQUESTS = { sooner: 7_000, byDefault: 18_000 } as const;
