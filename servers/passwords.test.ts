import { describe, expect, it } from 'vitest';
import { hashCheaply } from '../test/support/servers.ts';
import { dummyHashLike, verifyPassword } from './passwords.ts';

// Made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1` (its own test suite).
const REFERENCE = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('verifyPassword', () => {
  it('agrees with the reference implementation', async () => {
    expect(await verifyPassword('password', REFERENCE)).toBe(true);
    expect(await verifyPassword('Password', REFERENCE)).toBe(false);
  });

  it('accepts only the right password', async () => {
    const hash = hashCheaply('correct horse');
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct horse ', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('refuses text that is not an argon2id PHC string', async () => {
    await expect(verifyPassword('x', '$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA')).rejects.toThrow(TypeError);
    await expect(verifyPassword('x', 'x')).rejects.toThrow(TypeError);
  });
});

describe('dummyHashLike', () => {
  it('costs the same to verify: same memory, passes, lanes and lengths', () => {
    const dummy = dummyHashLike(REFERENCE).split('$');
    const given = REFERENCE.split('$');
    expect(dummy.slice(0, 4)).toEqual(given.slice(0, 4));
    expect(dummy.map((part) => part.length)).toEqual(given.map((part) => part.length));
    expect(dummy.slice(4)).not.toEqual(given.slice(4));
  });
});
