import { describe, expect, it } from 'vitest';
import { ARMS, findArm } from './arms.ts';

describe('the registry', () => {
  it('names each arm once, and has exactly one baseline', () => {
    const names = ARMS.map(({ info }) => info.name);
    expect(new Set(names).size).toBe(names.length);
    expect(ARMS.filter(({ info }) => info.baseline).map(({ info }) => info.name)).toEqual(['none']);
  });

  it('declares Redis if an arm needs its commands or stores state there', () => {
    for (const { info } of ARMS) {
      if (info.redisCommandsPerRequest > 0 || info.serverState === 'redis') expect(info.usesRedis).toBe(true);
      expect(info.needsStickyRouting).toBe(info.serverState === 'process');
      if (info.serverState === 'issuer') expect(info.companions).toContain('issuer');
      expect(info.serverState === 'database').toBe((info.companions ?? []).includes('postgres'));
      expect(info.serverState === 'file').toBe((info.companions ?? []).includes('sqlite'));
    }
  });

  it('declares an edge exactly if an arm has one', () => {
    for (const { info, loadEdge } of ARMS) expect(info.hasEdge === true, info.name).toBe(loadEdge !== undefined);
  });

  it('declares stored state exactly if an arm keeps state', () => {
    for (const { info } of ARMS) {
      expect((info.stores ?? []).length > 0, info.name).toBe(info.serverState !== 'none');
      expect((info.stores ?? []).includes('refresh-family'), info.name).toBe(info.refreshTokens === true);
    }
  });

  it('has one reference for each of the two families', () => {
    const references = ARMS.filter(({ info }) => info.tags?.includes('reference')).map(({ info }) => info.family);
    expect(references.sort()).toEqual(['session', 'token']);
  });

  it('gives no two arms the same colour', () => {
    const colours = ARMS.flatMap(({ info }) => info.colour ?? []);
    expect(colours.length).toBeGreaterThan(10);
    expect(new Set(colours).size).toBe(colours.length);
  });

  it('finds an arm only by its exact name', () => {
    expect(findArm('session-redis')?.info.title).toBe('Session in Redis');
    expect(findArm('Session-Redis')).toBeUndefined();
  });
});
