/** What else fails a mutant whose key is not the one that it was told: checks that sign tokens need the right one. */
const SIGNING_CHECKS = [1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15] as const;

export const UNKNOWN_KEY: Readonly<Record<number, string>> = Object.fromEntries(
  SIGNING_CHECKS.map((check) => [check, 'the gate does not know the key, so its control is refused']),
);
