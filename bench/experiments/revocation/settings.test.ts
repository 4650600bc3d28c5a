import { expect, it } from 'vitest';
import { livesOf, tokenEndMs } from './settings.ts';

it('measures fast revocation as deployed, and shortens what would take too long', () => {
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

it('shortens the copy of a session, but not the session itself, which would end the credential instead', () => {
  const copied = { revocation: { withinMs: 60_000 }, boundSetting: 'cookieCacheMs' } as const;
  expect(livesOf(copied)).toEqual({ shortened: { cookieCacheMs: 3_000 }, boundMs: 3_000, deployedBoundMs: 60_000 });
  const tracked = { revocation: { withinMs: 500 }, boundSetting: 'trackingBoundMs' } as const;
  expect(livesOf(tracked)).toEqual({ shortened: null, boundMs: 500, deployedBoundMs: 500 });
});

it('does not scale if an arm does not declare its lifetime', () => {
  expect(livesOf({ revocation: 'at-expiry' }).deployedBoundMs).toBeNull();
});

it('reads when a token expires, and returns null for anything else', () => {
  const claims = Buffer.from(JSON.stringify({ exp: 1_700_000_000 })).toString('base64url');
  expect(tokenEndMs({ authorization: `Bearer h.${claims}.s` })).toBe(1_700_000_000_000);
  for (const authorization of ['Bearer a.b.c', 'Bearer x', `Bearer h.${Buffer.from('null').toString('base64url')}.s`])
    expect(tokenEndMs({ authorization })).toBeNull();
  expect(tokenEndMs({ cookie: 'sid=a.b.c' })).toBeNull();
});
