/** Published claims about the size of credentials. */
import type { PublishedBenchmark } from '../benchmark.ts';

export const SIZES: readonly PublishedBenchmark[] = [
  {
    name: 'okta-size',
    title: 'Why JWTs suck as session tokens',
    by: 'Randall Degges, Okta',
    address: 'https://developer.okta.com/blog/2017/08/17/why-jwts-suck-as-session-tokens',
    version:
      '2017-08-17; the factor as in [a summary](https://byjay.github.io/wiki/2020-08-02-summary-why-jwts-suck-as-session-tokens/)',
    setup: 'The user id abc123, once in plain form and once in a JWT.',
    winner: 'session',
    figures: [
      { what: 'bytes in a JWT over those without', value: 51, unit: '×', askedHere: 'hs256-bytes-over-session' },
    ],
    replay: {
      by: 'bytes',
      differs: 'a session id that nobody can guess in place of the user id, and whole header lines.',
    },
    lesson:
      'Six bytes are a user id, which anybody can guess; a session id needs 16 random bytes or more, a name and often a signature. ' +
      'A token is larger than that too, but by a small factor.',
  },
];
