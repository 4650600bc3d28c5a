import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { successiveAgreement, visibleBits } from './entropy.ts';

const many = (make: (i: number) => string) => Array.from({ length: 1_000 }, (_, i) => make(i));

test('random bytes show roughly all of their bits', () => {
  const bits = visibleBits(many(() => randomBytes(16).toString('hex')));
  expect(bits).toBeGreaterThan(126);
  expect(bits).toBeLessThan(130);
});

test('one fair coin shows one bit, and a constant none', () => {
  expect(visibleBits(many((i) => (i % 2 === 0 ? 'a' : 'b')))).toBeCloseTo(1, 2);
  expect(visibleBits(many(() => 'same'))).toBe(0);
});

test('a counter, and a short secret in a long id, show far fewer than 128 bits', () => {
  expect(visibleBits(many((i) => String(1_000_000 + i).padStart(43, '0')))).toBeLessThan(16);
  expect(visibleBits(many(() => `session-of-this-application-${randomBytes(8).toString('hex')}`))).toBeLessThan(70);
});

test('successive random ids agree only by chance, and those of a clock much more', () => {
  expect(successiveAgreement(many(() => randomBytes(32).toString('base64url')))).toBeLessThan(1.2);
  expect(successiveAgreement(many((i) => createHash('sha256').update(`${i}`).digest('hex')))).toBeLessThan(1.2);
  expect(successiveAgreement(many((i) => String(1_700_000_000_000 + i * 7)))).toBeGreaterThan(1.5);
});
