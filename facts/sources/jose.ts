/**
 * The signed examples of the JOSE standards, verified by the code of the arms: fast-jwt as in `jwt-*`, and the HMAC of the
 * hand-tuned arms. Where the payload is no JSON object, only the form, the algorithm and the signature can be: see `jws.ts`.
 * No arm has PS384 and ES512 (RFC 7515, A.4; RFC 7520, 4.2 and 4.3), detached content (4.5), an unprotected header or none
 * (4.7), or several signatures (A.6, 4.8). The tokens of RFC 7520 are those of the working group's files
 * (github.com/ietf-jose/cookbook).
 */
import { createPublicKey, type webcrypto } from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { createSigner } from '../../servers/hmac.ts';
import { isCanonicalToken } from '../../servers/schemes/compact-form.ts';
import type { JwtAlgorithm } from '../../servers/schemes/signing-keys.ts';
import type { Fact, Source } from '../fact.ts';
import { verifyJws } from '../jws.ts';

type Verdict = 'accepted' | 'refused';
type Verify = (token: string) => Verdict;

/**
 * Verifies as the plugin of the `jwt-*` arms does: one algorithm, one key. The clock is set before the examples expire.
 */
function plugin(algorithm: JwtAlgorithm, key: string | Buffer): Verify {
  const verify = createVerifier({ algorithms: [algorithm], key, clockTimestamp: 1_300_819_379_000 });
  return (token) => {
    if (!isCanonicalToken(token)) return 'refused';
    try {
      verify(token);
      return 'accepted';
    } catch {
      return 'refused';
    }
  };
}

/** Verifies signatures as the `jwt-*` arms do. */
const atJwsLevel =
  (algorithm: JwtAlgorithm, key: string | Buffer): Verify =>
  (token) =>
    verifyJws(algorithm, key, token) ? 'accepted' : 'refused';

/** Verifies as the hand-tuned arms do. */
function byHand(key: Buffer): Verify {
  const signer = createSigner(key);
  return (token) => {
    const end = token.lastIndexOf('.');
    return isCanonicalToken(token) && signer.matches(token.slice(0, end), token.slice(end + 1))
      ? 'accepted'
      : 'refused';
  };
}

const pem = (key: webcrypto.JsonWebKey) =>
  createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();

/** Changes one letter in one part to another letter of the alphabet. */
function altered(token: string, part: 0 | 1 | 2): string {
  const parts = token.split('.');
  const text = parts[part] ?? '';
  const place = Math.floor(text.length / 2);
  parts[part] = `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
  return parts.join('.');
}

const factsOf = (name: string, token: string, verify: Verify): Fact[] => [
  { what: name, published: 'accepted', ours: () => verify(token) },
  ...(['header', 'payload', 'signature'] as const).map(
    (part, index): Fact => ({
      what: `${name}, one letter of the ${part} changed`,
      published: 'refused',
      ours: () => verify(altered(token, index as 0 | 1 | 2)),
    }),
  ),
];

const CLAIMS = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
const A1_KEY = Buffer.from(
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  'base64url',
);
const A1 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
const A2_KEY = pem({
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
});
const A2 = `eyJhbGciOiJSUzI1NiJ9.${CLAIMS}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`;
const A3_KEY = pem({
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
});
const A3 = `eyJhbGciOiJFUzI1NiJ9.${CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`;

/** The payload of RFC 7520, section 4: a sentence. */
const SENTENCE =
  'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4';
const COOKBOOK_KEY = Buffer.from('hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg', 'base64url');
const COOKBOOK_4_4 = `eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.${SENTENCE}.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0`;
/** Its `kid` is in an unprotected header, which the compact form has not. */
const COOKBOOK_4_6 = `eyJhbGciOiJIUzI1NiJ9.${SENTENCE}.bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20`;
const COOKBOOK_RSA = pem({
  kty: 'RSA',
  n: 'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw',
  e: 'AQAB',
});
const COOKBOOK_4_1 = `eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${SENTENCE}.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg`;

const ED25519_KEY = pem({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' });
const ED25519 =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';

export const JOSE: readonly Source[] = [
  {
    subject: 'signatures',
    source: 'RFC 7515, appendices A.1 to A.3, by the verifiers of the jwt-* arms',
    facts: [
      ...factsOf('A.1, HS256', A1, plugin('HS256', A1_KEY)),
      ...factsOf('A.2, RS256', A2, plugin('RS256', A2_KEY)),
      ...factsOf('A.3, ES256', A3, plugin('ES256', A3_KEY)),
      { what: 'A.1 by a verifier of RS256', published: 'refused', ours: () => plugin('RS256', A2_KEY)(A1) },
      { what: 'A.2 by a verifier of HS256', published: 'refused', ours: () => plugin('HS256', A1_KEY)(A2) },
      {
        what: 'A.5, unsecured',
        published: 'refused',
        ours: () => plugin('HS256', A1_KEY)(`eyJhbGciOiJub25lIn0.${CLAIMS}.`),
      },
    ],
  },
  {
    subject: 'signatures',
    source: 'RFC 7515 (A.1 to A.3), RFC 7520 (4.1, 4.4 and 4.6) and RFC 8037 (A.4), at JWS level',
    facts: [
      ...factsOf('A.1, HS256', A1, atJwsLevel('HS256', A1_KEY)),
      ...factsOf('A.2, RS256', A2, atJwsLevel('RS256', A2_KEY)),
      ...factsOf('A.3, ES256', A3, atJwsLevel('ES256', A3_KEY)),
      ...factsOf('4.1, RS256', COOKBOOK_4_1, atJwsLevel('RS256', COOKBOOK_RSA)),
      ...factsOf('4.4, HS256', COOKBOOK_4_4, atJwsLevel('HS256', COOKBOOK_KEY)),
      ...factsOf('4.6, HS256', COOKBOOK_4_6, atJwsLevel('HS256', COOKBOOK_KEY)),
      ...factsOf('8037 A.4, Ed25519', ED25519, atJwsLevel('EdDSA', ED25519_KEY)),
      {
        what: '4.1, with the key of A.2',
        published: 'refused',
        ours: () => atJwsLevel('RS256', A2_KEY)(COOKBOOK_4_1),
      },
      {
        what: '4.4 by a verifier of RS256',
        published: 'refused',
        ours: () => atJwsLevel('RS256', COOKBOOK_RSA)(COOKBOOK_4_4),
      },
      {
        what: '8037 A.4, signature left out',
        published: 'refused',
        ours: () => atJwsLevel('EdDSA', ED25519_KEY)(ED25519.slice(0, ED25519.lastIndexOf('.') + 1)),
      },
    ],
  },
  {
    subject: 'signatures',
    source: 'RFC 7515, appendix A.1, and RFC 7520, sections 4.4 and 4.6, by the HMAC of the hand-tuned arms',
    facts: [
      ...factsOf('A.1, HS256', A1, byHand(A1_KEY)),
      ...factsOf('4.4, HS256', COOKBOOK_4_4, byHand(COOKBOOK_KEY)),
      ...factsOf('4.6, HS256', COOKBOOK_4_6, byHand(COOKBOOK_KEY)),
    ],
  },
];
