import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacWith, readToken, signedWith, writeToken } from './tokens.ts';
import { guessableKeys } from './weak-secrets.ts';

describe('a forged token', () => {
  it('has the signature of RFC 7515, appendix A.1', () => {
    const key = Buffer.from(
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      'base64url',
    );
    const signed =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.' +
      'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
    expect(hmacWith(key)(signed)).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
    expect(readToken(`${signed}.x`)).toEqual({
      header: { typ: 'JWT', alg: 'HS256' },
      claims: { iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true },
      signature: 'x',
    });
  });

  it('is read back unchanged', () => {
    const text = writeToken({ alg: 'none' }, { sub: 'ü' }, () => '');
    expect(readToken(text)).toEqual({ header: { alg: 'none' }, claims: { sub: 'ü' }, signature: '' });
  });

  it.each([
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'sha256', 64],
    ['EdDSA', generateKeyPairSync('ed25519').privateKey, null, 64],
  ] as const)('is signed with %s so that the public key verifies it', (_name, key, hash, bytes) => {
    const signature = Buffer.from(signedWith(key, hash)('a.b'), 'base64url');
    expect(signature).toHaveLength(bytes);
    const publicKey = createPublicKey(key);
    expect(verify(hash, Buffer.from('a.b'), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  });

  it.each(['', 'a.b', 'a.b.c.d', 'bnVsbA.bnVsbA.x'])('is refused if it is not a token: %j', (text) => {
    expect(() => readToken(text)).toThrow();
  });
});

describe('the keys that an attacker guesses', () => {
  it('are the words unchanged, repeated and padded to the sizes of HMAC keys, and hashed', () => {
    const tried = new Set(guessableKeys().map((key) => key.toString('hex')));
    const forms = ['secret', 'secretsecretsecretsecretsecretse', `secret${'\0'.repeat(26)}`];
    for (const form of forms) expect(tried).toContain(Buffer.from(form).toString('hex'));
    expect(tried).toContain('2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'); // sha256 of "secret"
    expect(tried).toContain('');
  });
});
