import { expect, test } from 'vitest';
import { squeezed } from './squeeze.ts';
import { parseSvg, writeSvg } from './svg-tree.ts';

const squeeze = (markup: string) => squeezed(parseSvg(markup).children).map(writeSvg).join('');

test('lines with the same style become one path', () => {
  expect(squeeze('<g stroke="#e4e7eb"><path d="M0,9h18"/><path d="M0,0h18"/></g>')).toBe(
    '<path stroke="#e4e7eb" d="M0,9h18m-18-9h18"/>',
  );
});

test.each([
  ['of two colours', '<g><path fill="#111111" d="M0,0h1"/><path fill="#222222" d="M2,0h1"/></g>'],
  ['that lie on each other and let it show', '<g><path opacity="0.5" d="M0,0h1"/><path opacity="0.5" d="M0,0h1"/></g>'],
  ['that tell of two figures', '<g><path data-tip="a" d="M0,0h1"/><path data-tip="b" d="M2,0h1"/></g>'],
  ['of two arms', '<g><path data-arm="a" d="M0,0h1"/><path data-arm="b" d="M2,0h1"/></g>'],
])('lines %s stay two', (_what, markup) => {
  expect(squeeze(markup)).toBe(markup);
});

test('groups with the same attributes are merged, and a group of one element becomes that element', () => {
  const ghost = (arm: string, y: number) => `<g stroke="#c9cfd6"><g data-arm="${arm}"><path d="M0,${y}h9"/></g></g>`;
  expect(squeeze(`<g>${ghost('a', 1)}${ghost('b', 2)}</g>`)).toBe(
    '<g stroke="#c9cfd6"><path data-arm="a" d="M0,1h9"/><path data-arm="b" d="M0,2h9"/></g>',
  );
});

test('a group that only translates is merged into its elements', () => {
  const slot = (inside: string) => `<g data-arm="a" class="slot" transform="translate(0,27)">${inside}</g>`;
  expect(
    squeeze(
      slot(
        '<g transform="translate(0,-27)"><path stroke="#111111" d="M0,40.5h8.4v-2"/><circle cx="8.4" cy="40.5" r="3"/><text x="-1" y="44.5">a</text></g>',
      ),
    ),
  ).toBe(
    slot('<path stroke="#111111" d="M0,13.5h8.4v-2"/><circle cx="8.4" cy="13.5" r="3"/><text x="-1" y="17.5">a</text>'),
  );
  const turned = slot('<g transform="translate(0,-27)"><path d="M0,0C1,1,2,2,3,3"/><path stroke="#1" d="M0,1h1"/></g>');
  expect(squeeze(turned)).toBe(turned);
});

test('an invisible mark has no colour, but keeps its tooltip', () => {
  expect(squeeze('<g data-tip="a: 1" fill="#8b94a0"><circle cx="1" cy="2" r="2.6" opacity="0"/></g>')).toBe(
    '<circle data-tip="a: 1" cx="1" cy="2" r="2.6" opacity="0"/>',
  );
});
