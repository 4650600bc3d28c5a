import { expect, it } from 'vitest';
import { withShared } from './shared.ts';
import { parseSvg, writeSvg } from './svg-tree.ts';

const shared = (markup: string, drawing = 'a') => withShared(parseSvg(markup).children, drawing).map(writeSvg).join('');
const AXIS =
  '<path stroke="#e4e7eb" d="M0,140h174m-174-24h174m-174-24h174"/><text x="0" y="198">replicas, of the same arm</text>';
const slot = (arm: string, inside: string) => `<g class="slot" data-arm="${arm}">${inside}</g>`;

it('what all panels begin with is drawn once and used in each', () => {
  const own = (y: number) => `<path d="M0,${y}h9"/>`;
  const made = shared(`<g>${slot('a', AXIS + own(1))}${slot('b', AXIS + own(2))}</g>`);
  const id = /<g id="(s[0-9a-f]{8})" class="chart">/.exec(made)?.[1];
  const use = `<use href="#${id}"/>`;
  expect(made).toBe(
    `<g><defs><g id="${id}" class="chart">${AXIS}</g></defs>${slot('a', use + own(1))}${slot('b', use + own(2))}</g>`,
  );
});

it.each([
  ['one panel', slot('a', AXIS)],
  ['panels that begin in another way', slot('a', `<path d="M0,1h9"/>${AXIS}`) + slot('b', `<path d="M0,2h9"/>${AXIS}`)],
  ['what is too short to be worth it', slot('a', '<path d="M0,1h9"/>') + slot('b', '<path d="M0,1h9"/>')],
])('%s stays as it is', (_what, slots) => {
  expect(shared(`<g>${slots}</g>`)).toBe(`<g>${slots}</g>`);
});

it('drawings that differ anywhere, or are of other charts, have names of their own', () => {
  const idOf = (last: string, drawing?: string) =>
    / id="(\w+)"/.exec(shared(`<g>${slot('a', AXIS)}${slot('b', AXIS + last)}</g>`, drawing))?.[1];
  const path = '<path d="M0,1h9"/>';
  expect(idOf(path)).toMatch(/^s/);
  expect(new Set([idOf(path), idOf(''), idOf(path, 'b')]).size).toBe(3);
});
