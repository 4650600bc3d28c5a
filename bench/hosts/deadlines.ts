/** Time-outs between hosts and the coordinator, in ms. */

/** The interval at which the coordinator contacts each agent. */
export const BEAT_MS = 1_000;
/** A host that has not answered for this long is lost. */
export const LOST_MS = 8_000;
/**
 * An agent ends everything after this silence. It is longer than the above, so that the coordinator can report the
 * host first.
 */
export const SILENT_MS = 10_000;
/** For connecting and logging in by ssh. */
export const CONNECT_MS = 10_000;
/** For sending and unpacking the package: some 10 MB, on a slow line. */
export const COPY_MS = 120_000;
/** Until an agent is ready, once its package is there. */
export const READY_MS = 30_000;
/** For one host connecting to another. */
export const REACH_MS = 3_000;
/** For an agent to end everything. */
export const END_MS = 5_000;
