/** Flags that several commands have, in the same words. */
export const SEED = {
  value: 'N',
  help: 'Make every random order repeatable (default: a fresh seed, kept in the result).',
};
export const JSON_OUTPUT = {
  help: 'Print the result as one JSON object on stdout; npm --silent run leaves out what npm prints.',
};
export const STRICT = {
  help: 'Also fail on limits that are inconclusive, or of which nothing was measured (default: as the configuration says).',
};
