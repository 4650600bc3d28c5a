/** Constants of every measured outage, which have to be stated with its figures. */

/**
 * The time after which a client of the experiment gives up: longer than any answer of a server with its own deadline.
 */
export const CLIENT_DEADLINE_MS = 3_000;
