import { expect, it } from 'vitest';
import { livesOf, tokenEndMs } from './settings.ts';

it('measures what ends at once or soon as deployed, and shortens what would have to be waited for', () => {
  expect(livesOf({ revocation: 'at-once' })).toEqual({ shortened: null, boundMs: 0, deployedBoundMs: 0 });
  expect(livesOf({ revocation: { withinMs: 1_000 } })).toEqual({
    shortened: null,
    boundMs: 1_000,
    deployedBoundMs: 1_000,
  });
  const token = livesOf({ revocation: 'at-expiry', lifetimeMs: 900_000 });
  expect(token.shortened?.tokenLifetimeSeconds).toBe(3);
  expect(token).toMatchObject({ boundMs: 3_000, deployedBoundMs: 900_000 });
  expect(livesOf({ revocation: { withinMs: 300_000 } })).toMatchObject({ boundMs: 3_000, deployedBoundMs: 300_000 });
});

it('shortens a copy of a session, and not the session behind it, which would end the credential in its place', () => {
  const copied = { revocation: { withinMs: 60_000 }, boundSetting: 'cookieCacheMs' } as const;
  expect(livesOf(copied)).toEqual({ shortened: { cookieCacheMs: 3_000 }, boundMs: 3_000, deployedBoundMs: 60_000 });
  const tracked = { revocation: { withinMs: 500 }, boundSetting: 'trackingBoundMs' } as const;
  expect(livesOf(tracked)).toEqual({ shortened: null, boundMs: 500, deployedBoundMs: 500 });
});

it('scales nothing where an arm does not say how long its credentials live', () => {
  expect(livesOf({ revocation: 'at-expiry' }).deployedBoundMs).toBeNull();
});

it('reads when a token ends, and takes anything else for none', () => {
  const claims = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url');
  expect(tokenEndMs({ authorization: `Bearer h.${claims}.s` })).toBe(1_700_000_000_000);
  for (const authorization of ['Bearer a.b.c', 'Bearer x', `Bearer h.${Buffer.from('null').toString('base64url')}.s`])
    expect(tokenEndMs({ authorization })).toBeNull();
  expect(tokenEndMs({ cookie: 'sid=a.b.c' })).toBeNull();
});
