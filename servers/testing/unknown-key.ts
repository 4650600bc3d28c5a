/** Further checks that fail a mutant with another key than its start message names: they sign tokens with the expected key. */
const SIGNING_CHECKS = [1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 59, 60, 61, 62] as const;

export const UNKNOWN_KEY: Readonly<Record<number, string>> = {
  ...Object.fromEntries(
    SIGNING_CHECKS.map((check) => [check, 'the gate does not know the key, so its control is refused']),
  ),
  69: 'a rotation does not replace a key that the server chose itself',
};
