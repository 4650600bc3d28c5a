import { describe, expect, it } from 'vitest';
import { ARMS, findArm } from './arms.ts';

describe('the registry', () => {
  it('names each arm once, and has exactly one baseline', () => {
    const names = ARMS.map(({ info }) => info.name);
    expect(new Set(names).size).toBe(names.length);
    expect(ARMS.filter(({ info }) => info.baseline).map(({ info }) => info.name)).toEqual(['none']);
  });

  it('declares Redis wherever an arm needs its commands or keeps its state there', () => {
    for (const { info } of ARMS) {
      if (info.redisCommandsPerRequest > 0 || info.serverState === 'redis') expect(info.usesRedis).toBe(true);
      expect(info.needsStickyRouting).toBe(info.serverState === 'process');
    }
  });

  it('finds an arm by its name alone', () => {
    expect(findArm('session-redis')?.info.title).toBe('Session in Redis');
    expect(findArm('Session-Redis')).toBeUndefined();
  });
});
