/**
 * V8's young generation, held at the size that Node documents as its usual maximum. V8 lets it grow with what survives its
 * collections, so also with what a process did while it started, and shrink while the process waits. A server that others take
 * turns with therefore ended anywhere between half a megabyte and eight, by chance, and the cheapest arm's cost differed by
 * 8 % or more between starts. A busy server's has grown; this one is as large from the beginning.
 */
export const FIXED_YOUNG_GENERATION = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
