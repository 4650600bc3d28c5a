import { expect, test } from 'vitest';
import { codeBlock, escapeMarkdown, inlineCode, markdownName, markdownTable } from './markdown.ts';

test('text cannot create markup, a table cell or a new line', () => {
  expect(escapeMarkdown('a|b\n# <b> [x](y) `z` *')).toBe('a\\|b \\# &lt;b&gt; \\[x\\](y) \\`z\\` \\*');
  expect(escapeMarkdown('\u001b[31m\u2028')).toBe('␛\\[31m�');
});

test('text creates no links or mentions', () => {
  expect(escapeMarkdown('ask @octocat or a@b.org')).not.toMatch(/@\w/);
  expect(escapeMarkdown('see https://example.org or WWW.example.org')).not.toMatch(/:\/\/|www\./i);
  expect(escapeMarkdown('![x](y)')).toBe('!\\[x\\](y)');
});

test.each(['- x', '+ x', '1. x', '12) x', '=='])('%j begins no list and no heading', (text) => {
  expect(escapeMarkdown(text)).not.toMatch(/^(?:[-+=]|\d+[.)](?:\s|$))/);
});

test('a number is unchanged', () => {
  expect(escapeMarkdown('33.1 µs')).toBe('33.1 µs');
});

test('a plain name is shown as code, and a name with markup as text', () => {
  expect(markdownName('jwt-hs256')).toBe('`jwt-hs256`');
  expect(markdownName('a\n\n# b `<script>`|')).toBe('a \\# b \\`&lt;script&gt;\\`\\|');
});

test('a fence is longer than any run of backticks in the text', () => {
  expect(codeBlock('a ```` b').split('\n')[0]).toBe('`````sh');
  expect(codeBlock('a').split('\n')[0]).toBe('```sh');
});

test('inline code has more backticks around it than in it, and no end of line', () => {
  expect(inlineCode('npm run bench')).toBe('`npm run bench`');
  expect(inlineCode('a`b``c`')).toBe('``` a`b``c` ```');
  expect(inlineCode('a\n# b')).not.toContain('\n');
});

test('no cell of a table ends early, also if its data are escaped', () => {
  const table = markdownTable(['what', 'how'], [['a|b', escapeMarkdown('c|d')]]);
  expect(table).toBe('| what | how |\n|---|---|\n| a\\|b | c\\|d |');
});
