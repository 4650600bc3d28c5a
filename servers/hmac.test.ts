import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigner } from './hmac.ts';

const byNode = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url');
/** Of ASCII, every character of which comes in time. */
const textOf = (length: number, seed: number) =>
  Array.from({ length }, (_, i) => String.fromCharCode((31 * i + 7 * seed + length) % 128)).join('');

describe('a signer', () => {
  // RFC 4231, test cases 2 and 6: a key shorter than a block, and one longer.
  it.each([
    [
      Buffer.from('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      Buffer.alloc(131, 0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('gives the published digest', (key, text, digest) => {
    expect(createSigner(key, text.length).sign(text)).toBe(Buffer.from(digest, 'hex').toString('base64url'));
  });

  it('gives what node:crypto gives, for keys and texts of any length, one text after the other', () => {
    for (let keyBytes = 0; keyBytes <= 140; keyBytes += 4) {
      const key = Buffer.from(Array.from({ length: keyBytes }, (_, i) => (37 * i + 5) % 256));
      for (let length = 0; length <= 140; length++) {
        const signer = createSigner(key, length);
        for (const text of [1, 2, 3].map((seed) => textOf(length, seed))) {
          expect(signer.sign(text)).toBe(byNode(key, text));
          expect(signer.matches(text, byNode(key, text))).toBe(true);
        }
      }
    }
  });

  it('knows no other signature, and none of another text', () => {
    const key = Buffer.alloc(32, 7);
    const { sign, matches } = createSigner(key, 5);
    const signature = sign('alice');
    for (let at = 0; at < signature.length; at++) {
      const other = signature[at] === 'A' ? 'B' : 'A';
      expect(matches('alice', signature.slice(0, at) + other + signature.slice(at + 1))).toBe(false);
    }
    expect(matches('alicf', signature)).toBe(false);
    expect(createSigner(Buffer.alloc(32, 8), 5).matches('alice', signature)).toBe(false);
  });

  it('takes nothing over from the text and the signature before', () => {
    const { sign, matches } = createSigner(Buffer.alloc(32, 7), 5);
    const signature = sign('alice');
    const short = signature.slice(0, -1);
    for (const bad of [short, '', `${signature}=`, `${short}é`, `${short}\u0141`]) {
      expect(matches('alice', signature)).toBe(true);
      expect(matches('alice', bad)).toBe(false);
    }
    // Of as many characters, and bytes, as the text before begins with; and of the same low bytes.
    for (const bad of ['alic', 'alicé', '', 'alicee', '\u0161lice']) {
      expect(matches('alice', signature)).toBe(true);
      expect(matches(bad, signature)).toBe(false);
      expect(() => sign(bad)).toThrow('must be of 5 bytes of ASCII');
    }
  });
});
