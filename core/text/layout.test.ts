import { expect, test } from 'vitest';
import { type Column, columnsOf, hang, table, wrap } from './layout.ts';

test('text breaks at spaces, and a longer word gets its own line', () => {
  expect(wrap('a bb ccc dddddd', 4)).toEqual(['a bb', 'ccc', 'dddddd']);
  expect(wrap('', 4)).toEqual(['']);
});

test('the lines of a paragraph are indented by the width of its mark', () => {
  expect(hang('a  ', 'one two three', 10)).toEqual(['a  one two', '   three']);
});

test('cells are as wide as the widest of their column', () => {
  expect(
    table([
      ['arm', 'µs'],
      ['none', '1'],
      ['jwt', '12.5'],
    ]),
  ).toEqual(['arm     µs', 'none     1', 'jwt   12.5']);
});

const names: Column = { head: 'Arm', cells: ['none', 'jwt'], align: 'left' };
const column = (head: string, ...cells: string[]): Column => ({ head, cells, align: 'right' });

test('multi-word heads break in narrow columns, and are aligned to the bottom', () => {
  expect(columnsOf(names, [column('Redis commands', '0', '1'), column('µs', '1.5', '2.5')], 40)).toEqual([
    '         Redis',
    'Arm   commands   µs',
    'none         0  1.5',
    'jwt          1  2.5',
  ]);
});

test('columns that do not fit go into a second table, which repeats the first column', () => {
  const lines = columnsOf(names, [column('a', '11', '2'), column('b', '3', '44')], 9);
  expect(lines).toEqual(['Arm    a', 'none  11', 'jwt    2', '', 'Arm    b', 'none   3', 'jwt   44']);
});

test('a column that is too wide by itself is not cut', () => {
  expect(columnsOf(names, [column('a', 'a long cell', 'b')], 5)[1]).toBe('none  a long cell');
});
