import { expect, it } from 'vitest';
import { type EntryTemplate, filledIn, idsOf, mostCopies, templateOf } from './template.ts';

const SID = 'Zk3v9Qm1Xh7TtYb5Lw2Rc8Nd4Pf6Ja0Ge_uSiVoKxWA';
const own: EntryTemplate[] = [
  { type: 'zset', key: 't:user:{u000001}', parts: [SID, '1790000000000'], ttlMs: 43_200_000 },
  {
    type: 'string',
    key: `t:session:${SID}`,
    parts: [`{"user":{"id":"u000001","username":"user-00001"},"endsAtMs":1790000000000}`],
    ttlMs: 1_800_000,
  },
];
const others = ['t:user:{u000000}', 't:session:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'];
const template = templateOf(own, others);

it('finds the ids of a login by comparison with other logins, and puts the looked-up entry first', () => {
  expect(template.idLengths).toEqual([SID.length, 'u000001'.length]);
  expect(template.entries.map(({ type }) => type)).toEqual(['string', 'zset']);
});

it('fills in fresh, distinct ids of the same length', () => {
  const session = template.entries[0];
  const index = template.entries[1];
  if (!session || !index) throw new Error('no entries');
  const keys = new Set<string>();
  for (let n = 0; n < 2_000; n++) {
    const key = filledIn(template, session.key, n);
    expect(key).toHaveLength(`t:session:${SID}`.length);
    keys.add(key).add(filledIn(template, index.key, n));
  }
  expect(keys.size).toBe(4_000);
  const [sid, user] = idsOf(template, 7);
  expect(filledIn(template, session.key, 7)).toBe(`t:session:${sid}`);
  expect(filledIn(template, index.parts[0] ?? '', 7)).toBe(sid);
  expect(JSON.parse(filledIn(template, session.parts[0] ?? '', 7))).toMatchObject({
    user: { id: user, username: 'user-00001' },
  });
  expect(filledIn(template, index.key, 7)).toBe('t:user:{x000007}');
});

it('knows how many copies its shortest id can distinguish', () => {
  expect(mostCopies(template)).toBe(16 ** 6);
});
