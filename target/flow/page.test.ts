/** Values of a page are read in the same way as by a browser. */
import { expect, it } from 'vitest';
import { elementsOf, fieldIn } from './page.ts';

it.each([
  ['<input type="hidden" name="_csrf" value="a-b">', 'a-b'],
  ["<INPUT value='x > y' name='_csrf' />", 'x > y'],
  ['<meta name=_csrf content=abc>', 'abc'],
  ['<input name="_csrf" value="YQ&#x3D;&#61;&amp;&lt;">', 'YQ==&<'],
  ['<input name="other" value="1"><input\n  name="_csrf"\n  value="2">', '2'],
  ["<input data-note=it's name=_csrf value=a/b><p>it's</p>", 'a/b'],
  ['<input-box name="_csrf" value="1"><input/name="_csrf"value="2"/>', '2'],
  ['<input name="_csrf" value=""><meta name="_csrf" content="later">', 'later'],
])('reads %s', (html, value) => {
  expect(fieldIn(html, '_csrf')).toBe(value);
});

it.each([
  '',
  '<p>_csrf</p>',
  '<input name="_csrf2" value="x">',
  '<input data-name="_csrf" value="x">',
  '<input name="_csrf"',
])('finds nothing in %s', (html) => {
  expect(fieldIn(html, '_csrf')).toBeNull();
});

it.each([
  ['tags that do not end', '<input '],
  ['quotes that do not end', '<input name="'],
  ['apostrophes', "<input name=a'"],
  ['attributes', ' a = b'],
  ['blanks', '  \n'],
])('reads a page of nothing but %s in time that grows with its length', (_what, piece) => {
  // A search that begins anew at each tag would take minutes here.
  expect(elementsOf(`<form action=x>${piece.repeat(300_000)}`).length).toBeLessThan(3);
});
