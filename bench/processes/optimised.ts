/** How long V8 keeps optimising a route, and the flags that make it finish sooner and more alike. */

/**
 * These flags make V8 optimise sooner than by default, so that a route is warm after fewer requests and starts differ less.
 * The code is optimised from fewer samples, so its cost is valid for comparing servers that all have these flags, and not
 * as the cost of a request in production.
 */
export const SOONER_OPTIMISED = ['--invocation-count-for-turbofan=1000', '--invocation-count-for-maglev=150'];

/**
 * The same without the cumulative limit on inlining. A request's path exceeds that limit, so which calls are inlined before it
 * is reached depends on chance, and identical servers differ more. The figures are in docs/method.md, "Laboratory notes".
 */
export const ALIKE_OPTIMISED = [...SOONER_OPTIMISED, '--max-inlined-bytecode-size-cumulative=10000'];

/** The number of requests after which a route is fully optimised, with these flags and without. */
export const OPTIMISED_REQUESTS = { sooner: 7_000, byDefault: 18_000 } as const;
