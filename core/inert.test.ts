import { styleText } from 'node:util';
import { expect, test } from 'vitest';
import { inert, inertExceptStyles, inertLine, parseInert } from './inert.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const ATTACKS = ['\u001b]0;title\u0007', '\u001b[31mred', '\u009b2J', '\rover', '\b\b', '\u202edesrever', 'a\ud800b'];

test.each(ATTACKS)('%j is shown and has no effect', (attack) => {
  const shown = inert(attack);
  expect(shown).not.toMatch(CONTROLS);
  expect(shown.isWellFormed()).toBe(true);
  expect(shown).not.toContain('\u202e');
  expect(shown).toHaveLength(attack.length);
});

test('an escape is shown as its control picture', () => {
  expect(inert('\u001b[31m')).toBe('␛[31m');
});

test('text of any language is unchanged, including tabs and line breaks', () => {
  const text = 'µs – naïve 日本語 😀\n\tזה';
  expect(inert(text)).toBe(text);
  expect(inertLine('a\n\tb')).toBe('a b');
});

test('a terminal keeps colours and nothing else', () => {
  const red = styleText('red', 'x', { validateStream: false });
  expect(inertExceptStyles(`${red}\u001b[2J\u001b]0;t\u0007`)).toBe(`${red}␛[2J␛]0;t␇`);
});

test('texts and names within JSON are made inert, however they are encoded', () => {
  const text = '{"a\\u001b[31m":["x\\u009b2J",1,null,{"__proto__":"\\b\\r"}],"b":"\\u202Ex"}';
  expect(JSON.stringify(parseInert(text))).toBe('{"a␛[31m":["x�2J",1,null,{"__proto__":"␈␍"}],"b":"�x"}');
});

test('JSON without active characters is parsed as usual', () => {
  const value = { name: 'jwt-hs256', text: 'line\nline\t"quoted"', unit: 'µs', low: -1.5 };
  expect(parseInert(JSON.stringify(value))).toEqual(value);
});

test('every character is as inert within JSON as elsewhere, literal or escaped', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    const hex = code.toString(16).padStart(4, '0');
    const written = [`"\\u${hex}"`, `"\\u${hex.toUpperCase()}"`];
    // Text decoded from bytes is well formed, and JSON contains no literal control characters, quotes or backslashes.
    if (code >= 0x20 && character.isWellFormed() && !'"\\'.includes(character)) written.push(`"${character}"`);
    for (const text of written)
      if (parseInert(text) !== inert(character)) expect([text, parseInert(text)]).toEqual([text, inert(character)]);
  }
});
