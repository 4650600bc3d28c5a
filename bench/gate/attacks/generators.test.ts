import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashedCounter } from './generators.ts';

const many = (make: () => string) => Array.from({ length: 12 }, make);

describe('hashes of a counter', () => {
  it.each(['md5', 'sha1', 'sha256', 'sha512'])('are detected with %s', (hash) => {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const ids = [7, 8, 9].map((count) => createHash(hash).update(String(count)).digest(encoding));
      expect(hashedCounter(ids)).toBe(`${hash} of a counter`);
    }
  });

  it('are detected if they are truncated', () => {
    expect(hashedCounter([createHash('sha256').update('41').digest('base64url').slice(0, 32)])).toBe(
      'sha256 of a counter',
    );
  });

  it('are not detected in random ids', () => {
    expect(hashedCounter(many(() => randomBytes(32).toString('base64url')))).toBeNull();
  });
});
