/** Benchmarks of libraries: the time to verify a token, often cited in the debate as the cost of tokens. */
import type { PublishedBenchmark } from '../benchmark.ts';

const OTHER_LIBRARY =
  'fast-jwt verifies in place of jsonwebtoken, which is not part of Tollgate, so only ratios between algorithms are compared.';

export const LIBRARIES: readonly PublishedBenchmark[] = [
  {
    name: 'jsonwebtoken-966',
    title: 'jsonwebtoken 9.0.2 is 50 times slower than 8.5.1',
    by: 'VxRain, node-jsonwebtoken issue 966',
    address: 'https://github.com/auth0/node-jsonwebtoken/issues/966',
    version: '2024-04-11, Node 20.12.2',
    setup: 'benchmark.js, one token per algorithm, the HS256 key as a string; AMD R7 5800H, Windows 11.',
    winner: 'neither',
    figures: [
      { what: 'verifying HS256 with 8.5.1', value: 87_990, unit: 'ops/s' },
      { what: 'verifying HS256 with 9.0.2', value: 2568, unit: 'ops/s' },
      { what: 'RS256 over HS256, 8.5.1', value: 5921 / 87_990, unit: '×', askedHere: 'rs256-over-hs256' },
      { what: 'RS256 over HS256, 9.0.2', value: 5527 / 2568, unit: '×', askedHere: 'rs256-over-hs256' },
      { what: 'ES256 over HS256, 8.5.1', value: 4763 / 87_990, unit: '×', askedHere: 'es256-over-hs256' },
      { what: 'ES256 over HS256, 9.0.2', value: 3871 / 2568, unit: '×', askedHere: 'es256-over-hs256' },
    ],
    replay: { by: 'verify', differs: OTHER_LIBRARY },
    lesson:
      'An HMAC that is slower than RSA is a sign that something other than the HMAC was timed. Here it is the attempt to read a secret ' +
      'as a public key, which a key object avoids.',
  },
  {
    name: 'jsonwebtoken-1046',
    title: 'verify() resolves a string secret by trying createPublicKey() first',
    by: 'Katha-Sikdar, node-jsonwebtoken issue 1046',
    address: 'https://github.com/auth0/node-jsonwebtoken/issues/1046',
    version: '2026-09-17',
    setup:
      'A loop of 20,000 calls, after a warm-up of the same length, with the secret as a string and as a key object.',
    winner: 'neither',
    figures: [
      { what: 'the attempt to read the secret as a public key, Node 26', value: 17.6, unit: 'µs' },
      { what: 'the same, Node 18', value: 400, unit: 'µs' },
      { what: 'the conversion that is then done', value: 0.69, unit: 'µs' },
    ],
    replay: { notReplayed: 'jsonwebtoken is not part of Tollgate.' },
    lesson:
      'A call that cannot succeed takes most of the time of HS256 there. A benchmark of tokens should say which form its key has.',
  },
  {
    name: 'fast-jwt',
    title: 'Benchmarks of fast-jwt',
    by: 'NearForm',
    address: 'https://github.com/nearform/fast-jwt/blob/08cc6fc725a065a07a1e7f22415e970c8e51116f/benchmarks/README.md',
    version: 'commit 08cc6fc, Node 22.13.1',
    setup: 'mitata, one token per algorithm, HS512; Apple M3 Pro.',
    winner: 'neither',
    figures: [
      { what: 'verifying HS512 with fast-jwt', value: 2.95, unit: 'µs' },
      { what: 'verifying HS512 with jose', value: 3.38, unit: 'µs' },
      { what: 'verifying HS512 with jsonwebtoken', value: 218.8, unit: 'µs' },
      { what: 'rate with a cache over that without', value: 2.95 / 1.13, unit: '×', askedHere: 'cached-over-hs256' },
    ],
    replay: { by: 'verify', differs: 'HS256 in place of HS512, and 512 tokens in turn in place of one.' },
    lesson:
      'Pull request 535 there changed how jsonwebtoken is used, after `jsonwebtoken-966`, and says that it then ran 50 times as fast. ' +
      'Issue 643 says that the results of another package for ES512 and EdDSA, far ahead of all others, were those of an HMAC.',
  },
  {
    name: 'node-jwt-benchmark',
    title: 'Benchmark of Node.js JWT implementations',
    by: 'VxRain, after rt12',
    address: 'https://github.com/VxRain/node-jwt-benchmark',
    version: 'undated',
    setup: 'benchmark.js, jsonwebtoken, one token per algorithm; MacBook Pro of 2018.',
    winner: 'neither',
    figures: [
      { what: 'verifying HS256', value: 61_346, unit: 'ops/s' },
      { what: 'RS256 over HS256', value: 16_364 / 61_346, unit: '×', askedHere: 'rs256-over-hs256' },
      { what: 'ES256 over HS256', value: 7421 / 61_346, unit: '×', askedHere: 'es256-over-hs256' },
    ],
    replay: { by: 'verify', differs: OTHER_LIBRARY },
    lesson:
      'The order HS256, RS256, ES256 is the usual one, and even the slowest verifies thousands of tokens a second. The fixed costs of the library ' +
      'determine how far apart they are.',
  },
  {
    name: 'carbonteq-jwt',
    title: 'Benchmarks of @carbonteq/jwt',
    by: 'Carbonteq',
    address: 'https://www.npmjs.com/package/@carbonteq/jwt',
    version: 'undated',
    setup: 'benchmark.js on an Intel Core i7-10750H, Ubuntu 22.04.',
    winner: 'neither',
    figures: [
      { what: 'verifying with jsonwebtoken', value: 2110, unit: 'ops/s' },
      { what: 'verifying with jose', value: 54_067, unit: 'ops/s' },
      { what: 'verifying with fast-jwt', value: 108_051, unit: 'ops/s' },
      {
        what: 'rate of fast-jwt with a cache over that without',
        value: 221_852 / 108_051,
        unit: '×',
        askedHere: 'cached-over-hs256',
      },
    ],
    replay: { by: 'verify', differs: 'only fast-jwt is replayed, with HS256 and 512 tokens in turn.' },
    lesson:
      'A cache helps if few tokens are used often, as in a loop over one token. The page itself asks its readers to measure on their own machine.',
  },
  {
    name: 'jwt-performance-tests',
    title: 'JWT performance tests',
    by: 'satazor',
    address: 'https://github.com/satazor/jwt-performance-tests',
    version: 'undated, Node 22.1.0',
    setup: 'A loop that signs and verifies 1,000,000 tokens with HS256; Apple M3 Pro.',
    winner: 'neither',
    figures: [
      { what: 'jsonwebtoken, a million tokens', value: 7771, unit: 'ms' },
      { what: 'fast-jwt, a million tokens', value: 4807, unit: 'ms' },
    ],
    replay: { notReplayed: 'it times signing and verifying together, and jsonwebtoken is not part of Tollgate.' },
    lesson:
      'Here jsonwebtoken takes 1.6 times as long as fast-jwt; by `carbonteq-jwt` it takes 51 times as long. A factor that depends so much on the setup ' +
      'says nothing about tokens.',
  },
];
