/** Flags shared by several commands, with the same help texts. */

/** The arm of a command that measures one. */
export const DEFAULT_ARM = 'jwt-hs256';
export const ARM = { value: 'NAME', help: `Measure this arm (default: ${DEFAULT_ARM}).` };
export const SEED = {
  value: 'N',
  help: 'Make every random order repeatable (default: a new seed, recorded in the result).',
};
export const JSON_OUTPUT = {
  help: 'Print the result as one JSON object on stdout; use npm --silent run to suppress npm’s own output.',
};
export const STRICT = {
  help: 'Also fail on limits that are inconclusive or were not measured (default: as configured).',
};
