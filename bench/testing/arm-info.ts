/** Descriptions of fictitious arms. */
import type { ArmInfo } from '../../servers/contract.ts';

/** By default, a session in Redis that can be ended at once. */
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
