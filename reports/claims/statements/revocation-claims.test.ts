import { describe, expect, it } from 'vitest';
import { evidence, lag, row } from '../testing/evidence.ts';
import { serverControl } from './01-server-control.ts';
import { logoutSimple } from './02-logout-simple.ts';
import { noRevocation } from './11-no-revocation.ts';
import { hybridBoth } from './14-hybrid-both.ts';

const AT_ONCE = [0, 1.2] as const;
/** One request was accepted a tenth of a millisecond after the acknowledged revocation. */
const JUST_LATER = [0.1, 1.2] as const;
const AN_HOUR = [3_600_000, 3_600_100] as const;

describe('claim 1: sessions give full control', () => {
  it('holds if no session was accepted after its revocation', () => {
    expect(serverControl.judge(evidence(lag('session-redis', AT_ONCE)))?.verdict).toBe('holds');
  });

  it('holds only for sessions at the server if another kind stays valid, and says which', () => {
    const judgement = serverControl.judge(evidence(lag('session-redis', AT_ONCE), lag('session-sealed', AN_HOUR)));
    expect(judgement).toMatchObject({ verdict: 'holds only if' });
    expect(judgement?.contrary).toContain('session-sealed after up to 1\u202fh');
  });

  it('does not hold if one request too many was accepted, after any way to revoke', () => {
    const one = evidence(lag('session-redis', AT_ONCE), lag('session-redis', JUST_LATER, { kind: 'logout-all' }));
    expect(serverControl.judge(one)?.verdict).toBe('does not hold');
  });

  it('is not judged by shortened lifetimes, or by critical operations alone', () => {
    const short = lag('session-redis', AT_ONCE, { settings: 'shortened' });
    const critical = lag('session-redis', AT_ONCE, { operation: 'critical' });
    expect(serverControl.judge(evidence(short, critical))).toBeNull();
  });

  it('does not count a session as ended that was never refused, although it was not accepted either', () => {
    const errors = { ...lag('session-redis', [0, 5_000], { kind: 'logout-all' }), flags: ['still-broken' as const] };
    const judgement = serverControl.judge(evidence(lag('session-redis', AT_ONCE), errors));
    expect(judgement?.verdict).toBe('does not hold');
    expect(judgement?.because).toContain('session-redis after more than 5\u202fs, if at all');
  });

  it('does not use an arm that failed a security check as evidence', () => {
    const figure = { ...lag('session-redis', AT_ONCE), flags: ['gate-failed' as const] };
    expect(serverControl.judge(evidence(figure))).toBeNull();
  });
});

describe('claim 2: logout is simple with sessions', () => {
  const logout = { kind: 'logout' };

  it('holds if logout ends the session at once', () => {
    expect(logoutSimple.judge(evidence(lag('session-redis', AT_ONCE, logout)))?.verdict).toBe('holds');
  });

  it('reports the cost of a logout if it was counted', () => {
    const commands = row('lifecycle', 'session-redis', 'redis_commands_per_operation', 3, { operation: 'logout' });
    const judgement = logoutSimple.judge(evidence(lag('session-redis', AT_ONCE, logout), commands));
    expect(judgement?.because).toContain('3 Redis commands');
  });

  it('holds only at the server if a copied cookie outlives it', () => {
    const both = evidence(lag('session-redis', AT_ONCE, logout), lag('session-sealed', AN_HOUR, logout));
    expect(logoutSimple.judge(both)?.verdict).toBe('holds only if');
  });

  it('says no more about a copied cookie than how long it was watched', () => {
    const open = { ...lag('session-sealed', [3_000, 5_000], logout), flags: ['still-broken' as const] };
    const judgement = logoutSimple.judge(evidence(lag('session-redis', AT_ONCE, logout), open));
    expect(judgement?.contrary).toContain('one was accepted for more than 3\u202fs.');
  });

  it('does not hold if a session outlives its logout', () => {
    expect(logoutSimple.judge(evidence(lag('session-redis', JUST_LATER, logout)))?.verdict).toBe('does not hold');
  });

  it('is not judged by other ways to end it', () => {
    expect(logoutSimple.judge(evidence(lag('session-redis', AT_ONCE)))).toBeNull();
  });
});

describe('claim 11: a token cannot be revoked without a denylist', () => {
  const listed = lag('jwt-denylist', AT_ONCE);
  const commands = row('toll', 'jwt-denylist', 'redis_commands_per_request', 1);

  it('holds if the plain token stayed valid, the listed one ended, and a store was asked', () => {
    const judgement = noRevocation.judge(evidence(lag('jwt-hs256', AN_HOUR), listed, commands));
    expect(judgement?.verdict).toBe('holds');
  });

  it('does not hold if the plain token ended at once, or the listed one did not', () => {
    expect(noRevocation.judge(evidence(lag('jwt-hs256', AT_ONCE), listed))?.verdict).toBe('does not hold');
    const late = evidence(lag('jwt-hs256', AN_HOUR), lag('jwt-denylist', JUST_LATER));
    expect(noRevocation.judge(late)?.verdict).toBe('does not hold');
  });

  it('is inconclusive if the denylist may have sent no lookup', () => {
    const maybe = row('toll', 'jwt-denylist', 'redis_commands_per_request', [0, 1]);
    expect(noRevocation.judge(evidence(lag('jwt-hs256', AN_HOUR), listed, maybe))?.verdict).toBe('inconclusive');
  });
});

describe('claim 14: a session check for critical operations gives both', () => {
  const critical = (bounds: readonly [number, number]) => lag('hybrid', bounds, { operation: 'critical' });
  const commands = (count: number) => row('toll', 'hybrid', 'redis_commands_per_request', count);
  const overSession = (bounds: readonly [number, number]) =>
    row('toll', 'hybrid', 'total_cpu_ratio_to_arm', bounds, { against: 'session-redis' });
  const usual = [critical(AT_ONCE), lag('hybrid', AN_HOUR), commands(0)];

  it('holds only if reads may continue, and says for how long', () => {
    const judgement = hybridBoth.judge(evidence(...usual, overSession([0.5, 0.6])));
    expect(judgement?.condition).toBe('reads may still be accepted for up to 1\u202fh after revocation');
  });

  it('does not hold if a critical operation was accepted, or a read asked the store', () => {
    expect(hybridBoth.judge(evidence(critical(JUST_LATER), lag('hybrid', AN_HOUR), commands(0)))?.verdict).toBe(
      'does not hold',
    );
    expect(hybridBoth.judge(evidence(critical(AT_ONCE), lag('hybrid', AN_HOUR), commands(1)))?.verdict).toBe(
      'does not hold',
    );
  });

  it('is decided by the cost of reads against a session in the same blocks, not by absolute intervals', () => {
    const verdict = (ratio: readonly [number, number]) =>
      hybridBoth.judge(evidence(...usual, overSession(ratio)))?.verdict;
    expect(verdict([0.9, 0.99])).toBe('holds only if');
    expect(verdict([0.9, 1.01])).toBe('inconclusive');
    expect(verdict([0.99, 1.1])).toBe('inconclusive');
    expect(verdict([1.01, 1.1])).toBe('does not hold');
    const cpu = (arm: string, bounds: readonly [number, number]) =>
      row('toll', arm, 'total_cpu_us_per_request', bounds);
    const apart = [cpu('hybrid', [50, 60]), cpu('session-redis', [80, 90])];
    expect(hybridBoth.judge(evidence(...usual, ...apart))).toMatchObject({ verdict: 'inconclusive' });
    const overlapping = [cpu('hybrid', [50, 60]), cpu('session-redis', [55, 90])];
    expect(hybridBoth.judge(evidence(...usual, ...overlapping, overSession([0.7, 0.8])))?.verdict).toBe(
      'holds only if',
    );
  });
});
