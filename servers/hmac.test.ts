import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigner } from './hmac.ts';

const byNode = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url');
/** ASCII text that cycles through every character. */
const asciiOf = (length: number, seed: number) =>
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
    expect(createSigner(key).sign(text)).toBe(Buffer.from(digest, 'hex').toString('base64url'));
  });

  it('matches node:crypto for keys and texts of any length, one text after another', () => {
    for (let keyBytes = 0; keyBytes <= 140; keyBytes += 4) {
      const key = Buffer.from(Array.from({ length: keyBytes }, (_, i) => (37 * i + 5) % 256));
      const signer = createSigner(key);
      for (let i = 0; i < 300; i++) {
        // Longer and shorter alternately, up to more than the initial buffer.
        const text = asciiOf((i * 173) % 700, i);
        const expected = byNode(key, text);
        expect(signer.sign(text)).toBe(expected);
        expect(signer.matches(text, expected)).toBe(true);
      }
    }
  });

  it('encodes text as UTF-8, like node:crypto', () => {
    const key = Buffer.alloc(32, 7);
    const signer = createSigner(key);
    for (const text of ['é', 'šlice', 'alicé', '€'.repeat(1000), '🙂🙂', '\ud83d', 'a\ud83db', '', '\u0000']) {
      expect(signer.sign(text)).toBe(byNode(key, text));
    }
  });

  it('accepts no other signature, and none of another text or key', () => {
    const { sign, matches } = createSigner(Buffer.alloc(32, 7));
    const signature = sign('alice');
    for (let at = 0; at < signature.length; at++) {
      const other = signature[at] === 'A' ? 'B' : 'A';
      expect(matches('alice', signature.slice(0, at) + other + signature.slice(at + 1))).toBe(false);
    }
    for (const text of ['alicf', 'alic', 'alicee', '', 'Alice']) expect(matches(text, signature)).toBe(false);
    expect(createSigner(Buffer.alloc(32, 8)).matches('alice', signature)).toBe(false);
  });

  it('keeps nothing from the previous signature', () => {
    const { sign, matches } = createSigner(Buffer.alloc(32, 7));
    const signature = sign('alice');
    const short = signature.slice(0, -1);
    for (const bad of [short, '', `${signature}=`, `${short}é`, `${short}\u0141`, `\u0141${short}`]) {
      expect(matches('alice', signature)).toBe(true);
      expect(matches('alice', bad)).toBe(false);
    }
  });
});
