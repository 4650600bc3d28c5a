/** How long hosts and the coordinator wait for each other, in ms. */

/** The coordinator asks each agent so often whether it is there. */
export const BEAT_MS = 1_000;
/** A host that has not answered for so long is lost. */
export const LOST_MS = 8_000;
/**
 * An agent ends everything after this silence. It is the longer time, so that the coordinator can name the host first.
 */
export const SILENT_MS = 10_000;
/** ssh connects and logs in within this. */
export const CONNECT_MS = 10_000;
/** The package is sent and unpacked within this: some 10 MB, on a slow line. */
export const COPY_MS = 120_000;
/** An agent is ready, once its package is there, within this. */
export const READY_MS = 30_000;
/** A host answers another one's attempt to connect within this. */
export const REACH_MS = 3_000;
/** An agent has ended everything within this. */
export const END_MS = 5_000;
