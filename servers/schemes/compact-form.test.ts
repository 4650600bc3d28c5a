import { describe, expect, it } from 'vitest';
import { isCanonicalToken } from './compact-form.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a token in compact form', () => {
  it('is canonical for each number of bytes', () => {
    for (let length = 1; length <= 12; length++) {
      const part = Buffer.alloc(length, 0xa7).toString('base64url');
      expect(isCanonicalToken(`${part}.${part}.${part}`)).toBe(true);
    }
  });

  it('has one encoding of the last letter, in each of its parts', () => {
    for (const length of [1, 2, 4, 5]) {
      const part = Buffer.alloc(length, 0xa7).toString('base64url');
      const spellings = [...LETTERS].map((letter) => part.slice(0, -1) + letter);
      const decoded = spellings.filter((text) => Buffer.from(text, 'base64url').equals(Buffer.alloc(length, 0xa7)));
      expect(decoded.length).toBe(length % 3 === 1 ? 16 : 4);
      for (const place of [0, 1, 2]) {
        const tokens = decoded.map((text) => [part, part, part].with(place, text).join('.'));
        expect(tokens.filter(isCanonicalToken)).toEqual([[part, part, part].join('.')]);
      }
    }
  });

  it('has three parts, each with a valid base64url length', () => {
    for (const text of ['', '.', '..', 'AA', 'AA.AA', '.AA.AA', 'A.AA.AA', 'AA.AA.A', 'AAAAA.AA.AA']) {
      expect(isCanonicalToken(text)).toBe(false);
    }
  });
});
