import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { compactDecrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { encryptedFor, openContent, readEncrypted, sealContent, wrapped, writeEncrypted } from './encrypt.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
/** RFC 7518, Appendix B: Kerckhoffs' principle, and the header that is authenticated with it. */
const KEY = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
const LONG_KEY = Buffer.concat([KEY, hex('202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f')]);
const PLAIN = Buffer.from(
  'A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience',
);
const AAD = Buffer.from('The second principle of Auguste Kerckhoffs');
const IV = hex('1af38c2dc2b96ffdd86694092341bc04');

describe('the content encryptions', () => {
  it('match the test cases B.1 and B.3 of the RFC', () => {
    const short = sealContent('A128CBC-HS256', KEY, PLAIN, AAD, IV);
    expect(short.ciphertext.subarray(0, 16)).toEqual(hex('c80edfa32ddf39d5ef00c0b468834279'));
    expect(short.tag).toEqual(hex('652c3fa36b0a7c5b3219fab3a30bc1c4'));
    const long = sealContent('A256CBC-HS512', LONG_KEY, PLAIN, AAD, IV);
    expect(long.ciphertext.subarray(0, 16)).toEqual(hex('4affaaadb78c31c5da4b1b590d10ffbd'));
    expect(long.tag).toEqual(hex('4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5'));
  });

  it.each([
    ['A256GCM', KEY],
    ['A256CBC-HS512', LONG_KEY],
  ] as const)('of %s are read by jose, and by the gate, unless a bit was changed', async (encryption, key) => {
    const header = { alg: 'dir', enc: encryption };
    const text = writeEncrypted(header, { sub: 'u-1' }, { encryption, key });
    const { plaintext } = await compactDecrypt(text, key);
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual({ sub: 'u-1' });
    expect(readEncrypted(text, encryption, key)).toMatchObject({ header, claims: { sub: 'u-1' } });
    const sealed = sealContent(encryption, key, PLAIN, AAD);
    for (const part of ['iv', 'ciphertext', 'tag'] as const) {
      const altered = { ...sealed, [part]: Buffer.from(sealed[part]) };
      altered[part][0] = (altered[part][0] ?? 0) ^ 1;
      expect(() => openContent(encryption, key, altered, AAD)).toThrow();
    }
    expect(() => openContent(encryption, key, sealed, PLAIN)).toThrow();
  });
});

describe('a key for the server', () => {
  it('is wrapped as in RFC 3394, test case 4.6', () => {
    const data = hex('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
    const expected = '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21';
    expect(wrapped(data, KEY)).toEqual(hex(expected));
  });

  it('is encrypted for the owner of the private key', () => {
    const encoding = {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    } as const;
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding });
    const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    expect(privateDecrypt(oaep, encryptedFor(publicKey, KEY, 'sha256'))).toEqual(KEY);
  });
});
