import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localTokens, preAuthEncode, signPublic, verifyPublic } from './paseto-form.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

/** The test vectors of paseto-standard/test-vectors, v4.json: 4-E-1 and 4-S-1. */
const SECRET = '{"data":"this is a secret message","exp":"2022-01-01T00:00:00+00:00"}';
const LOCAL_KEY = hex('707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f');
const LOCAL_TOKEN =
  'v4.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAr68PS4AXe7If_ZgesdkUMvSwscFlAl1pk5HC0e8kApeaqMfGo_7OpBnwJOAbY9V7WU6abu74MmcUE8YWAiaArVI8XJ5hOb_4v9RmDkneN0S92dx0OW4pgy7omxgf3S8c3LlQg';
const SIGNED = '{"data":"this is a signed message","exp":"2022-01-01T00:00:00+00:00"}';
const SEED = 'b4cbfb43df4ce210727d953e4a713307fa19bb7d9f85041438d9e11b942a3774';
const PUBLIC_TOKEN =
  'v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9bg_XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA';

/** An Ed25519 key of these 32 bytes (RFC 8410 §7). */
const privateKey = createPrivateKey({
  key: Buffer.concat([hex('302e020100300506032b657004220420'), hex(SEED)]),
  format: 'der',
  type: 'pkcs8',
});
const publicKey = createPublicKey(privateKey);

describe('PASETO version 4', () => {
  it('encodes authenticated data as in the specification’s examples', () => {
    expect(preAuthEncode([])).toEqual(Buffer.alloc(8));
    expect(preAuthEncode([Buffer.alloc(0)])).toEqual(hex('01000000000000000000000000000000'));
    expect(preAuthEncode([Buffer.from('test')])).toEqual(hex('0100000000000000040000000000000074657374'));
  });

  it('signs and verifies the vector 4-S-1', () => {
    expect(publicKey.export({ format: 'jwk' }).x).toBe(
      hex('1eb9dbbbbc047c03fd70604e0071f0987e16b28b757225c11f00415d0e20b1a2').toString('base64url'),
    );
    expect(signPublic(SIGNED, privateKey)).toBe(PUBLIC_TOKEN);
    expect(verifyPublic(PUBLIC_TOKEN, publicKey)).toBe(SIGNED);
  });

  it('encrypts and decrypts the vector 4-E-1', () => {
    const { encrypt, decrypt } = localTokens(LOCAL_KEY);
    expect(encrypt(SECRET, Buffer.alloc(32))).toBe(LOCAL_TOKEN);
    expect(decrypt(LOCAL_TOKEN)).toBe(SECRET);
  });

  it('refuses other versions, footers, other keys, and any flipped bit', () => {
    const { decrypt } = localTokens(LOCAL_KEY);
    const { decrypt: decryptOther } = localTokens(Buffer.alloc(32));
    expect(() => decryptOther(LOCAL_TOKEN)).toThrow();
    for (const [token, read] of [
      [PUBLIC_TOKEN, (text: string) => verifyPublic(text, publicKey)],
      [LOCAL_TOKEN, decrypt],
    ] as const) {
      const [, kind = '', body = ''] = token.split('.');
      expect(read(token)).not.toBe('');
      for (const wrong of [`v3.${kind}.${body}`, `${token}.AAAA`, `v4.${kind}.AAAA`, body, '']) {
        expect(() => read(wrong), wrong).toThrow();
      }
      const bytes = Buffer.from(body, 'base64url');
      for (const at of [0, 33, bytes.length - 1]) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ 1;
        expect(() => read(`v4.${kind}.${altered.toString('base64url')}`), String(at)).toThrow();
      }
    }
  });
});
