import { expect, it } from 'vitest';
import { alterations } from './alter.ts';

it('combines the value of one session with the signature of another', () => {
  const altered = new Map(alterations('first.signature-one', 'second.signature-two'));
  expect(altered.get('the signature of another session')).toBe('first.signature-two');
});

it('does not count a value of either valid session as an alteration', () => {
  const [one, other] = ['Fe26.2*1*abcdef*ghijkl', 'Fe26.2*1*mnopqr*stuvwx'];
  const altered = alterations(one, other).map(([, text]) => text);
  expect(altered).not.toContain(one);
  expect(altered).not.toContain(other);
  expect(altered).toContain('Fe26');
});
