import { describe, expect, it } from 'vitest';
import { DeniedTokens } from './denied-tokens.ts';

const token = (jti: string, issuedMs = 1_000) => ({ jti, userId: 'u-1', issuedMs });

describe('denied tokens', () => {
  it('are those that were named, and those of a user issued up to a date', () => {
    const denied = new DeniedTokens();
    denied.denyToken('a', 9_000);
    expect(denied.has(token('a'))).toBe(true);
    expect(denied.has(token('b'))).toBe(false);
    denied.denyUser('u-1', 1_000, 20_000);
    expect(denied.has(token('b', 1_000))).toBe(true);
    expect(denied.has(token('b', 1_001))).toBe(false);
    expect(denied.has({ ...token('b'), userId: 'u-2' })).toBe(false);
  });

  it('keep the latest date of a user, in any order', () => {
    const denied = new DeniedTokens();
    denied.denyUser('u-1', 5_000, 20_000);
    denied.denyUser('u-1', 1_000, 16_000);
    expect(denied.has(token('b', 5_000))).toBe(true);
    denied.sweep(17_000);
    expect(denied.has(token('b', 5_000))).toBe(true);
  });

  it('are removed when they cannot deny anything any more, and no sooner', () => {
    const denied = new DeniedTokens();
    for (let i = 0; i < 1_000; i++) denied.denyToken(`t-${i}`, 10_000 + i * 10);
    // Received twice, as after a snapshot.
    denied.denyToken('t-999', 19_990);
    denied.denyUser('u-9', 9_000, 15_000);
    expect(denied.size).toBe(1_001);
    denied.sweep(10_999);
    expect(denied.size).toBe(1_001);
    denied.sweep(15_000);
    expect(denied.has({ jti: 'x', userId: 'u-9', issuedMs: 0 })).toBe(true);
    expect([denied.has(token('t-499')), denied.has(token('t-500'))]).toEqual([false, true]);
    denied.sweep(20_000);
    expect(denied.size).toBe(0);
  });
});
