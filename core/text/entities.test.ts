import { expect, it } from 'vitest';
import { unescapeEntities } from './entities.ts';

it.each([
  ['&amp;&lt;&gt;&quot;&apos;&AMP;', `&<>"'&`],
  ['&#65;&#x41;&#x1F600;', 'AA\u{1f600}'],
  ['&#x110000; &#9999999;', '&#x110000; &#9999999;'],
  // Names that every object inherits are no character names.
  ['&constructor;&unknown;&amp', '&constructor;&unknown;&amp'],
])('%s stands for %s', (text, expected) => {
  expect(unescapeEntities(text)).toBe(expected);
});
