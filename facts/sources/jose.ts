/**
 * The signed examples of the JOSE standards, verified by the code of the arms: fast-jwt as in `jwt-*`, and the HMAC
 * of the hand-tuned arms. Only signatures are checked: the examples' claims have expired, or are missing.
 */
import { createPublicKey, type webcrypto } from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { createSigner } from '../../servers/hmac.ts';
import { isCanonicalToken } from '../../servers/schemes/compact-form.ts';
import type { JwtAlgorithm } from '../../servers/schemes/signing-keys.ts';
import type { Fact, Source } from '../fact.ts';

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

/** RFC 7520 section 4.4: the payload is a sentence, so only the signature can be checked. */
const COOKBOOK_KEY = Buffer.from('hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg', 'base64url');
const COOKBOOK =
  'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0';

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
    source: 'RFC 7515, appendix A.1, and RFC 7520, section 4.4, by the HMAC of the hand-tuned arms',
    facts: [...factsOf('A.1, HS256', A1, byHand(A1_KEY)), ...factsOf('4.4, HS256', COOKBOOK, byHand(COOKBOOK_KEY))],
  },
];
