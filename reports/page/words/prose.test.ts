import { expect, test } from 'vitest';
import { prose } from './prose.ts';

const unbroken = (text: string) =>
  [...prose(text).markup.matchAll(/<span class="nb">([^<]*)<\/span>/g)].map(([, it]) => it);

test('names and intervals stay on one line, unless they are too long', () => {
  expect(unbroken('jwt-hs256-cached takes 41.2 µs [40.8–41.6] of CPU time')).toEqual([
    'jwt-hs256-cached',
    '[40.8–41.6]',
  ]);
  expect(unbroken(`no-${'a'.repeat(40)} and [${'1'.repeat(40)}]`)).toEqual([]);
  expect(unbroken('a-b, (c-d) and -e')).toEqual(['a-b', 'c-d']);
});

test('all of a text is kept, and none of it is markup', () => {
  expect(prose('<b> a-b & c').markup).toBe('&lt;b&gt; <span class="nb">a-b</span> &amp; c');
});

test('a text of a million letters, dashes or brackets takes linear time', () => {
  for (const piece of ['a', '[', 'a-', 'a'.repeat(29)]) {
    const text = piece.repeat(1_000_000 / piece.length);
    expect(prose(text).markup.length).toBeGreaterThanOrEqual(text.length);
  }
});
