import { createHmac } from 'node:crypto';
import { createSigner as createJwtSigner, createVerifier } from 'fast-jwt';
import { describe, expect, it } from 'vitest';
import { ownTokenReader } from './own-token.ts';

const key = Buffer.alloc(32, 9);
const ISSUER = 'https://issuer.invalid';
const AUDIENCE = 'service';
const NOW_MS = 1_700_000_000_000;
const NOW = NOW_MS / 1000;

const issued = (claims: Record<string, unknown>) =>
  createJwtSigner({ key, algorithm: 'HS256', kid: 'key-1', clockTimestamp: NOW_MS })(claims);
const USER = { sub: 'u-1', username: 'ada', roles: ['user'], jti: 'j-1' };
const GOOD = { ...USER, iss: ISSUER, aud: AUDIENCE, iat: NOW, exp: NOW + 60 };

const read = (token: string, nowMs = NOW_MS) => readOwn(token, nowMs);
/** The library, with the same requirements. */
function verified(token: string, nowMs = NOW_MS): unknown {
  const demands = { algorithms: ['HS256' as const], allowedIss: ISSUER, allowedAud: AUDIENCE };
  const requiredClaims = ['exp', 'aud', 'iss', 'jti', 'sub'];
  try {
    return createVerifier<string>({ ...demands, requiredClaims, key, clockTimestamp: nowMs })(token);
  } catch {
    return null;
  }
}

const encode = (text: string) => Buffer.from(text).toString('base64url');
/** Signed with the right key, whatever it says. */
function signed(header: string, payload: string): string {
  const input = `${header}.${payload}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = issued(GOOD).split('.');
const readOwn = ownTokenReader({ key, header: HEADER, issuer: ISSUER, audience: AUDIENCE });
/** The same bytes in plain base64, with its two other characters. */
const PLAIN_BASE64 = Buffer.from(JSON.stringify({ ...GOOD, username: '???>>>~~~' }))
  .toString('base64')
  .replace(/=+$/, '');
const withClaims = (claims: unknown) => signed(HEADER, encode(JSON.stringify(claims)));

describe('a token read by hand', () => {
  it.each([
    ['as issued', GOOD],
    ['of a name in other letters', { ...GOOD, username: 'Zoë 🙂 \u0000"' }],
    ['of many roles', { ...GOOD, roles: Array.from({ length: 500 }, (_, i) => `role-${i}`) }],
    ['with more claims', { ...GOOD, sid: 's-1', issuedMs: NOW_MS }],
    ['that ends in a second', { ...GOOD, exp: NOW + 1 }],
  ])('is what the library reads: %s', (_what, claims) => {
    const token = issued(claims);
    expect(read(token)).toEqual(claims);
    expect(read(token)).toEqual(verified(token));
  });

  it('expires on time', () => {
    const token = issued(GOOD);
    expect(read(token, GOOD.exp * 1000 - 1)).toEqual(GOOD);
    expect(read(token, GOOD.exp * 1000)).toBeNull();
  });
});

describe('is left to the library if it is', () => {
  const { exp: _exp, ...endless } = GOOD;
  const { sub: _sub, ...nobodys } = GOOD;
  const { jti: _jti, ...nameless } = GOOD;
  const unsigned = { alg: 'none', typ: 'at+jwt', kid: 'key-1' };
  it.each([
    ['a token that it accepts, but this server would not issue', withClaims({ ...GOOD, aud: [AUDIENCE, 'other'] })],
    ['a token of another header', signed(encode('{"alg":"HS256"}'), PAYLOAD)],
    ['no header', signed('', PAYLOAD)],
    ['one without a signature', `${HEADER}.${PAYLOAD}.`],
    ['one that says it needs none', `${encode(JSON.stringify(unsigned))}.${PAYLOAD}.${SIGNATURE}`],
    ['a signature cut short', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(1)}`],
    ['a signature spelt otherwise', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, -1)}=`],
    [
      'a signature of the payload alone',
      `${HEADER}.${PAYLOAD}.${createHmac('sha256', key).update(PAYLOAD).digest('base64url')}`,
    ],
    ['other claims under a signature', `${HEADER}.${encode(JSON.stringify({ ...GOOD, sub: 'u-2' }))}.${SIGNATURE}`],
    ['no end', withClaims(endless)],
    ['an end in words', withClaims({ ...GOOD, exp: 'tomorrow' })],
    ['an end that is past', withClaims({ ...GOOD, exp: NOW - 1 })],
    ['a beginning to come', withClaims({ ...GOOD, nbf: NOW + 5 })],
    ['a beginning that is past', withClaims({ ...GOOD, nbf: NOW - 5 })],
    ['another issuer', withClaims({ ...GOOD, iss: 'https://elsewhere.invalid' })],
    ['another audience', withClaims({ ...GOOD, aud: 'elsewhere' })],
    ['a time of issue in words', withClaims({ ...GOOD, iat: 'now' })],
    ['nobody', withClaims(nobodys)],
    ['no name of its own', withClaims(nameless)],
    ['a number for a subject', withClaims({ ...GOOD, sub: 1 })],
    ['null', withClaims(null)],
    ['a list', withClaims([GOOD])],
    ['broken JSON', signed(HEADER, encode('{"sub":'))],
    ['nothing', signed(HEADER, '')],
    ['more than any request holds', withClaims({ ...GOOD, username: 'x'.repeat(20_000) })],
    ['a fourth part', signed(HEADER, `${PAYLOAD}.`)],
    ['a payload with padding', signed(HEADER, `${PAYLOAD}=`)],
    ['a payload with a space in it', signed(HEADER, `${PAYLOAD.slice(0, 5)} ${PAYLOAD.slice(5)}`)],
    ['a payload with a letter of no base64', signed(HEADER, `${PAYLOAD}é`)],
    ['a payload in plain base64', signed(HEADER, PLAIN_BASE64)],
    ['an empty text', ''],
    ['dots', '..'],
    ['a header alone', `${HEADER}.`],
    ['a long text', 'a'.repeat(8_000)],
  ])('%s', (_what, token) => {
    expect(read(token)).toBeNull();
  });

  it('an alternative encoding, which the library refuses', () => {
    expect(PLAIN_BASE64).toMatch(/[+/]/);
    for (const payload of [`${PAYLOAD}.`, `${PAYLOAD}=`, `${PAYLOAD} `, `${PAYLOAD}é`, PLAIN_BASE64]) {
      expect(verified(signed(HEADER, payload))).toBeNull();
    }
  });

  it('an unusual token that may be valid', () => {
    const claims = { ...GOOD, aud: [AUDIENCE, 'other'] };
    expect(read(withClaims(claims))).toBeNull();
    expect(verified(withClaims(claims))).toEqual(claims);
  });

  it('one that the library would refuse: the reader accepts nothing else', () => {
    const values = [undefined, null, 0, -1, 1, NOW - 1, NOW + 60, '', 'x', ISSUER, AUDIENCE, true, [], [AUDIENCE], {}];
    const claims = ['sub', 'jti', 'iss', 'aud', 'iat', 'exp', 'nbf'];
    let accepted = 0;
    for (const claim of claims) {
      for (const value of values) {
        const token = withClaims({ ...GOOD, [claim]: value });
        const mine = read(token);
        if (mine === null) continue;
        accepted++;
        expect(mine).toEqual(verified(token));
      }
    }
    expect(accepted).toBeGreaterThan(10);
  });
});
