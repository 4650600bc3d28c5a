/** V8 flags of servers: how soon V8 optimises a route, and the size of its young generation. */

/**
 * These flags make V8 optimise sooner than by default, so that a route is warm after fewer requests and starts differ
 * less. The code is optimised from fewer samples, so its cost is valid for comparing servers that all have these
 * flags, but not as the cost of a request in production.
 */
export const SOONER_OPTIMISED = ['--invocation-count-for-turbofan=1000', '--invocation-count-for-maglev=150'];

/**
 * The same without the cumulative inlining limit. A request's path exceeds that limit, so which calls are inlined
 * before it is reached depends on chance, and identical servers differ more. For figures see docs/method.md,
 * "Laboratory notes".
 */
export const ALIKE_OPTIMISED = [...SOONER_OPTIMISED, '--max-inlined-bytecode-size-cumulative=10000'];

/** The number of requests after which a route is fully optimised, with these flags and without. */
export const OPTIMISED_REQUESTS = { sooner: 7_000, byDefault: 18_000 } as const;

/**
 * V8's young generation, held at the size that Node documents as its usual maximum. V8 lets it grow with what survives its
 * collections, so also with what a process did while it started, and shrink while the process waits. A server that others take
 * turns with therefore ended anywhere between half a megabyte and eight, by chance, and the cheapest arm's cost differed by
 * 8 % or more between starts. A busy server's has grown; this one is as large from the beginning.
 */
export const FIXED_YOUNG_GENERATION = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
