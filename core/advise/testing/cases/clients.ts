/** Who sends the credential, and who verifies it. */
import { evidenceOf } from '../../from-run.ts';
import { KNOWN_ARMS, type KnownArm, knownRun, USUAL_ARMS } from '../known-run.ts';
import { API, BROWSER, type Case, MOBILE, within } from './case.ts';

const without = (name: KnownArm) => evidenceOf(knownRun({ arms: USUAL_ARMS.filter((arm) => arm !== name) }));
const WITH_ISSUER = evidenceOf(knownRun({ arms: Object.keys(KNOWN_ARMS) as KnownArm[] }));

export const CLIENTS: readonly Case[] = [
  {
    needs: 'an API for programs, tokens may live to their end',
    given: API,
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'session-redis': 'api', 'jwt-cookie': 'api', 'session-sealed': 'api' },
    because: 'RFC 6750, 2.1: bearer tokens in the Authorization header; 25 µs are the least',
  },
  {
    needs: 'services of others verify the credential',
    given: { ...API, verifiedElsewhere: true },
    first: ['jwt-rs256'],
    certainty: 'supported',
    out: { 'jwt-hs256': 'verifier', 'jwt-denylist': 'verifier', hybrid: 'verifier' },
    because:
      'RFC 9068, 2.1 recommends asymmetric signatures; with HS256 each verifier could issue; 60 µs are less than 110',
  },
  {
    needs: 'services of others verify it, and it must end at once',
    given: { ...API, ...within(0), verifiedElsewhere: true },
    first: [],
    certainty: 'none',
    conflicts: [['revocation', 'verifier']],
    because: 'arithmetic: of the arms, those with a public key ask no store, so nothing ends before it expires',
  },
  {
    needs: 'browser and API clients of one application, revocation at once',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(0) },
    first: ['dual'],
    certainty: 'only',
    out: { 'session-redis': 'api', 'jwt-denylist': 'script' },
    because:
      'OWASP HTML5 Security Cheat Sheet keeps credentials from scripts, RFC 6750 serves programs: both, one for each',
  },
  {
    needs: 'the same with figures of a real run',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(5000) },
    run: 'recorded',
    first: ['dual'],
    certainty: 'only',
    out: { 'session-redis': 'api', 'jwt-denylist': 'script', 'jwt-hs256': 'revocation', hybrid: 'revocation' },
    because: 'measured: with the token 548 s after logout, with the cookie 0 s; the rest as above',
  },
  {
    needs: 'browser and API clients, where nobody measured an arm that serves both',
    given: { clients: ['browser', 'api'], keepFromScripts: true, ...within(0) },
    run: without('dual'),
    first: [],
    certainty: 'none',
    conflicts: [['api', 'script']],
    because: 'a cookie serves no client without a cookie jar; a bearer token can be read by the page’s scripts',
  },
  {
    needs: 'pages of another site',
    given: { clients: ['browser'], crossOrigin: true, keepFromScripts: false },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    out: { 'session-redis': 'origin', 'jwt-cookie': 'origin' },
    because: 'RFC 6265bis, SameSite: pages of another site send no Lax cookie; a token goes into a header',
  },
  {
    needs: 'pages of another site, of which no script may read the credential',
    given: { clients: ['browser'], crossOrigin: true, keepFromScripts: true },
    first: [],
    certainty: 'none',
    conflicts: [['script', 'origin']],
    because: 'a page that puts the credential into a header can read it: OWASP HTML5 Security Cheat Sheet',
  },
  {
    needs: 'mobile apps and pages of the application',
    given: { clients: ['browser', 'mobile'], keepFromScripts: true, ...within(0) },
    first: ['dual'],
    certainty: 'supported',
    because: 'arithmetic: 42 µs of the hand-written cookie and token, against 66 µs of the plugin’s session',
  },
  {
    needs: 'services of others verify it, it must end at once, and there is an authorization server to ask',
    given: { ...API, ...within(0), verifiedElsewhere: true },
    run: WITH_ISSUER,
    first: ['opaque-introspection'],
    certainty: 'only',
    out: { 'jwt-rs256': 'revocation', 'jwt-denylist': 'verifier', 'opaque-introspection-cached': 'revocation' },
    because: 'RFC 7662, 2: a service asks whether a token is active, and the authorization server alone can issue one',
  },
  {
    needs: 'the same, where ten seconds are soon enough',
    given: { ...API, ...within(10_000), verifiedElsewhere: true },
    run: WITH_ISSUER,
    first: ['opaque-introspection-cached'],
    certainty: 'supported',
    out: { 'jwt-rs256': 'revocation' },
    because: 'RFC 7662, 4: answers may be cached for less than a revocation may take; 30 µs are less than 165',
  },
  {
    needs: 'pages in a browser, whose cookie services of others verify',
    given: { ...BROWSER, verifiedElsewhere: true },
    first: [],
    certainty: 'none',
    conflicts: [['verifier', 'script']],
    because: 'of the arms, those with a public key are bearer tokens, which the page’s scripts can read',
  },
  {
    needs: 'mobile apps alone, though pages of another site are asked for',
    given: { ...MOBILE, crossOrigin: true },
    first: ['jwt-hs256-cached'],
    certainty: 'supported',
    because: 'origins are a matter of browsers (Fetch, CORS protocol): the answer is that for mobile apps',
  },
];
