import { describe, expect, it } from 'vitest';
import { describeArms } from '../run/arms.ts';
import { boundMs } from './promises.ts';

const arms = await describeArms();
const armOf = (name: string) => {
  const arm = arms.find((each) => each.name === name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return arm;
};

describe('the bound of an ended credential', () => {
  it('is the replicas’ setting, or otherwise what the arm declares', () => {
    expect(boundMs(armOf('session-cookie-cache'), {})).toBe(60_000);
    expect(boundMs(armOf('session-cookie-cache'), { cookieCacheMs: 200, trackingBoundMs: 300 })).toBe(200);
    expect(boundMs(armOf('session-tracked'), { cookieCacheMs: 200, trackingBoundMs: 300 })).toBe(300);
    expect(boundMs(armOf('jwt-refresh'), { cookieCacheMs: 200 })).toBe(300_000);
  });

  it('is null if an arm declares another way of ending', () => {
    expect(boundMs(armOf('session-redis'), { cookieCacheMs: 200 })).toBeNull();
    expect(boundMs(armOf('jwt-hs256'), { cacheStalenessMs: 200 })).toBeNull();
  });
});
