/** Credentials that anybody can write for another user, and those that nobody can. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { forgedFrom, isMadeOfName } from './forged.ts';

const base64 = (value: object, encoding: 'base64' | 'base64url' | 'hex' = 'base64') =>
  Buffer.from(JSON.stringify(value)).toString(encoding);
const forged = (own: string, other: string) =>
  forgedFrom({ secret: own, username: 'alice' }, { secret: other, username: 'bob' });

it('exchanges names and small numbers in JSON, and keeps times and random texts', () => {
  const own = { user: 'alice', id: 1, at: 1_790_000_000_123, sid: 'hs82jd9s' };
  const other = { user: 'bob', id: 2, at: 1_790_000_000_456, sid: 'k2lq90sm' };
  const wanted = { ...own, user: 'bob', id: 2 };
  expect(forged(base64(own), base64(other))).toContain(base64(wanted));
  expect(forged(base64(own, 'base64url'), base64(other, 'base64url'))).toContain(base64(wanted, 'base64url'));
  expect(forged(base64(own, 'hex'), base64(other, 'hex'))).toEqual([base64(wanted, 'hex')]);
  expect(forged(encodeURIComponent(JSON.stringify(own)), encodeURIComponent(JSON.stringify(other)))).toEqual([
    encodeURIComponent(JSON.stringify(wanted)),
  ]);
  expect(forged(base64({ roles: [{ id: 7 }] }), base64({ roles: [{ id: 8 }] }))).toContain(
    base64({ roles: [{ id: 8 }] }),
  );
});

it('exchanges a name that stands in a text', () => {
  expect(forged('alice', 'bob')).toEqual(['bob']);
  expect(forged('user=alice&role=1', 'user=bob&role=1')).toEqual(['user=bob&role=1']);
  expect(forged(Buffer.from('alice:1790000000').toString('base64'), '')).toContain(
    Buffer.from('bob:1790000000').toString('base64'),
  );
});

it('makes nothing of random values, and of names within them', () => {
  expect(forged('3f1c9a7e5b2d48806c1f', 'a91b27c3d4e5f6071829')).toEqual([]);
  expect(forged('x9aliceQ2k', 'p0bobs8Wm')).toEqual([]);
  expect(forged(base64({ sid: 'hs82jd9s' }), base64({ sid: 'k2lq90sm' }))).toEqual([]);
});

it('knows a hash of a name', () => {
  const hash = createHash('sha256').update('alice').digest('hex');
  expect(isMadeOfName({ secret: hash, username: 'alice' })).toBe(true);
  expect(isMadeOfName({ secret: hash, username: 'bob' })).toBe(false);
  expect(isMadeOfName({ secret: 'al%69ce', username: 'alice' })).toBe(true);
});
