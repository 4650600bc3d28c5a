import { describe, expect, it } from 'vitest';
import { declarationFlags } from './declared-commands.ts';

const slice = (commands: number) => ({ requests: 1_000, measures: { redis_commands: commands } });
const counted = { durationMs: 5_000, replicas: 1 };

describe('what an arm declares of its Redis commands', () => {
  it('is held exactly where it is exact, but for a stray command', () => {
    const one = { redisCommandsPerRequest: 1 };
    expect(declarationFlags(one, slice(1_000), counted)).toEqual([]);
    expect(declarationFlags(one, slice(1_010), counted)).toEqual([]);
    expect(declarationFlags(one, slice(2_000), counted)).toEqual(['declaration-broken']);
    expect(declarationFlags(one, slice(180), counted)).toEqual(['declaration-broken']);
    expect(declarationFlags({ redisCommandsPerRequest: 0 }, slice(180), counted)).toEqual(['declaration-broken']);
  });

  it('is a bound where a cache saves some', () => {
    const atMost = { redisCommandsPerRequest: 1, redisCommandsAreAtMost: true } as const;
    expect(declarationFlags(atMost, slice(180), counted)).toEqual([]);
    expect(declarationFlags(atMost, slice(1_500), counted)).toEqual(['declaration-broken']);
  });

  it('leaves out what replicas send by themselves, for as long as the slice took and for each of them', () => {
    const one = { redisCommandsPerRequest: 0, redisCommandsPerSecond: 10 };
    expect(declarationFlags(one, slice(0), counted)).toEqual([]);
    expect(declarationFlags(one, slice(50 + 19), counted)).toEqual([]);
    expect(declarationFlags(one, slice(50 + 21), counted)).toEqual(['declaration-broken']);
    const two = { ...counted, replicas: 2 };
    expect(declarationFlags(one, slice(100 + 19), two)).toEqual([]);
    expect(declarationFlags(one, slice(100 + 20), { ...two, durationMs: 4_900 })).toEqual(['declaration-broken']);
  });

  it('is not judged where commands could not be counted, or nothing was asked', () => {
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { ...slice(0), measures: {} }, counted)).toEqual([]);
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { ...slice(0), requests: 0 }, counted)).toEqual([]);
  });
});
