/** What is the same in every outage that is measured, and has to be said with its figures. */

/** Then a client of the experiment gives up: longer than any answer that a server with a deadline of its own gives. */
export const CLIENT_DEADLINE_MS = 3_000;
