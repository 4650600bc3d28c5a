/** The promises of an arm as a run records them. Imports no package, so that commands that only read stay fast. */
import type { Promises } from '../../core/results/arms.ts';
import type { ArmInfo } from '../../servers/contract.ts';

export function promisesOf({ revocation, lifetimeMs, ...info }: ArmInfo): Promises {
  return {
    revokedWithinMs: revocation === 'at-once' ? 0 : revocation === 'at-expiry' ? null : revocation.withinMs,
    lifetimeMs: lifetimeMs ?? null,
    rechecksCredential: info.rechecksCredential ?? false,
    survivesRedisOutage: info.survivesRedisOutage,
    needsStickyRouting: info.needsStickyRouting,
    crossOrigin: info.crossOrigin,
    needsCsrfProtection: info.needsCsrfProtection,
    readableByScript: info.readableByScript,
    refreshTokens: info.refreshTokens ?? false,
  };
}
