import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { successiveAgreement, visibleBits } from '../../bench/gate/attacks/entropy.ts';
import { newFamilyId, newSessionId } from '../../servers/ids.ts';

/** ASVS 7.2.3 requires 128 bits; the gate can sample some hundreds of ids from outside, here there are many more. */
const SAMPLE = 100_000;
const LEAST_BITS = 128;

/** The plugin's default generator, which `session-redis` and `session-memory` use. */
const pluginIds = createRequire(import.meta.url)('@fastify/session/lib/idGenerator.js') as () => () => string;

/** Fixed characters, such as version and variant of a UUID, carry no information; 122 bits are random. */
const GENERATORS = [
  { name: 'a session id of the hand-tuned schemes', next: newSessionId, leastBits: LEAST_BITS },
  { name: 'a session id of @fastify/session', next: pluginIds(), leastBits: LEAST_BITS },
  // 16 bytes are 22 characters, the last of which carries two bits.
  { name: 'a refresh family', next: newFamilyId, leastBits: LEAST_BITS - 0.5 },
  { name: 'a token’s jti', next: randomUUID, leastBits: 121.5 },
];

describe.each(GENERATORS)('$name', ({ next, leastBits }) => {
  const ids = Array.from({ length: SAMPLE }, next);

  it('never repeats in 100,000', () => {
    expect(new Set(ids).size).toBe(SAMPLE);
  });

  it('has the expected entropy, and does not predict the next', () => {
    expect(visibleBits(ids)).toBeGreaterThan(leastBits);
    // 100,000 pairs of at least 20 characters: chance alone stays within a few percent.
    expect(Math.abs(successiveAgreement(ids) - 1)).toBeLessThan(0.05);
  });
});

describe('the same measures', () => {
  const count = (make: (i: number) => string) => Array.from({ length: 10_000 }, (_, i) => make(i));

  it('detect ids that are counters, that come from a small seed, or that repeat their prefix', () => {
    const counted = count((i) => String(i).padStart(43, '0'));
    expect(visibleBits(counted)).toBeLessThan(LEAST_BITS);
    const seeded = count((i) => Buffer.alloc(32, i * 2_654_435_761).toString('base64url'));
    expect(new Set(seeded).size).toBeLessThan(seeded.length);
    const prefixed = count(() => `tollgate-tollgate-tollgat${newSessionId().slice(25)}`);
    expect(visibleBits(prefixed)).toBeLessThan(LEAST_BITS);
  });
});
