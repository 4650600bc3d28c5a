import { expect, it } from 'vitest';
import { coreNotes } from './core-notes.ts';

const cores = (usable: number) => ({ count: 2, cores: [0, 1], quota: usable, usable, kinds: [], siblings: [] });

it('says that servers were not pinned, and that they paid for waking the client', () => {
  const pinned = [{ pinned: true }];
  expect(coreNotes(pinned, cores(2))).toEqual([]);
  expect(coreNotes(pinned, cores(1))).toEqual([expect.stringMatching(/slept while it waited/)]);
  expect(coreNotes([...pinned, { pinned: false }], cores(0.5))).toHaveLength(2);
  // Only counts were compared.
  expect(coreNotes([], cores(0.5))).toEqual([]);
});
