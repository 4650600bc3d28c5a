/** Constants of every outage measurement, to be stated with its figures. */

/** The time-out of the experiment's clients: longer than any response of a server with its own deadline. */
export const CLIENT_DEADLINE_MS = 3_000;
