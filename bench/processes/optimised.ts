/** When V8 has made its last optimisations of a route, and how to have it make them sooner and more alike. */

/**
 * V8's compilers, asked for sooner than by default: at some 7,000 requests the route has its last optimisations instead
 * of at 17,000, and starts differ less. It is the same optimised code, though reached with less experience; so it serves
 * to compare what all have it, and not to tell what a request costs where it is deployed.
 */
export const SOONER_OPTIMISED = ['--invocation-count-for-turbofan=1000', '--invocation-count-for-maglev=150'];

/**
 * The same, with no end to how much is inlined. By default there is one, a request's path is beyond it, and what comes to be
 * inlined before it is reached is decided by what happened to be called how often: pairs of identical servers differed by 3.3 %
 * (standard deviation over 12 starts, jwt-hs256, two cores), and by 1.5 % so (24 starts). Turbofan alone was found to do this:
 * without it they differed by 0.9 % (12 starts), in code that took 1.6 times as long.
 */
export const ALIKE_OPTIMISED = [...SOONER_OPTIMISED, '--max-inlined-bytecode-size-cumulative=10000'];

/** Until nothing of the route is optimised any more, with these flags and without. */
export const OPTIMISED_REQUESTS = { sooner: 7_000, byDefault: 18_000 } as const;
