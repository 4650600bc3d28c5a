/** Descriptions of arms that tests make up. */
import type { ArmInfo } from '../../servers/contract.ts';

/** A session in Redis that ends at once, unless told otherwise. */
export function armInfo(name: string, more: Partial<ArmInfo> = {}): ArmInfo {
  return {
    name,
    title: name,
    summary: '',
    baseline: false,
    family: 'session',
    usesRedis: true,
    serverState: 'redis',
    redisCommandsPerRequest: 1,
    needsStickyRouting: false,
    revocation: 'at-once',
    survivesRedisOutage: false,
    crossOrigin: false,
    needsCsrfProtection: true,
    readableByScript: false,
    ...more,
  };
}
