import { expect, it } from 'vitest';
import { packedText } from '../packed.ts';
import type { Page } from './dom.ts';
import { fillTables } from './tables.ts';

it('fills a table when its details are opened, once, and says so', async () => {
  const attributes = new Map([['data-table', 'toll']]);
  let [open, added] = [() => {}, 0];
  const filled = Promise.withResolvers<void>();
  const place = {
    innerHTML: 'without scripts',
    getAttribute: (name: string) => attributes.get(name) ?? null,
    setAttribute: (name: string, value: string) => attributes.set(name, value),
    closest: () => ({ addEventListener: (_type: string, listener: () => void) => (open = listener) }),
  };
  const page = {
    getElementById: () => ({ textContent: packedText({ toll: '<table>toll</table>', scale: '<table>scale</table>' }) }),
    querySelectorAll: () => [place],
  } as unknown as Page;
  fillTables(page, () => {
    added++;
    filled.resolve();
  });
  expect(place.innerHTML).toBe('without scripts');
  open();
  await filled.promise;
  expect(place.innerHTML).toBe('<table>toll</table>');
  open();
  await new Promise(setImmediate);
  expect(added).toBe(1);
});
