import { expect, it } from 'vitest';
import { Sequence } from './sequence.ts';

/** A sequence of which everything up to 5 is known since 100 ms. */
function started(): Sequence {
  const sequence = new Sequence();
  sequence.restart(5, 100);
  return sequence;
}

it('knows entries that follow each other, and those that it has already', () => {
  const sequence = started();
  expect(['6', '7', '6', '3'].map((number) => sequence.hear(Number(number)))).toEqual(Array(4).fill('known'));
  expect(sequence.known).toBe(7);
});

it('reports a gap, and stays there until a snapshot', () => {
  const sequence = started();
  expect(sequence.hear(7)).toBe('gap');
  expect(sequence.known).toBe(5);
  sequence.restart(7, 200);
  expect(sequence.hear(8)).toBe('known');
  expect(sequence.provenAtMs).toBe(200);
});

it('is proven as of the question, once everything up to the answer is known', () => {
  const sequence = started();
  expect(sequence.asked({ number: 5, askedAtMs: 300, knownBefore: 5 })).toBe('known');
  expect(sequence.provenAtMs).toBe(300);
  expect(sequence.asked({ number: 7, askedAtMs: 400, knownBefore: 5 })).toBe('wait');
  sequence.hear(6);
  expect(sequence.provenAtMs).toBe(300);
  sequence.hear(7);
  expect(sequence.provenAtMs).toBe(400);
});

it('takes for lost what has not arrived by the next question', () => {
  const sequence = started();
  expect(sequence.asked({ number: 6, askedAtMs: 300, knownBefore: 5 })).toBe('wait');
  expect(sequence.asked({ number: 6, askedAtMs: 400, knownBefore: 5 })).toBe('gap');
  expect(sequence.provenAtMs).toBe(100);
});

it('needs a snapshot of a source that has less than before, and never proves an earlier time', () => {
  const sequence = started();
  expect(sequence.asked({ number: 4, askedAtMs: 300, knownBefore: 5 })).toBe('gap');
  sequence.restart(4, 90);
  expect(sequence.known).toBe(4);
  expect(sequence.provenAtMs).toBe(100);
});

it('allows an entry that arrives while it asks', () => {
  const sequence = started();
  sequence.hear(6);
  expect(sequence.asked({ number: 5, askedAtMs: 300, knownBefore: 5 })).toBe('known');
});
