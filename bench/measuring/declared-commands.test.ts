import { describe, expect, it } from 'vitest';
import { declarationFlags } from './declared-commands.ts';

const slice = (commands: number) => ({ requests: 1_000, measures: { redis_commands: commands } });
const counted = { durationMs: 5_000, replicas: 1 };

describe('the declared Redis commands of an arm', () => {
  it('are compared exactly if they are exact, except for a stray command', () => {
    const one = { redisCommandsPerRequest: 1 };
    expect(declarationFlags(one, slice(1_000), counted)).toEqual([]);
    expect(declarationFlags(one, slice(1_010), counted)).toEqual([]);
    expect(declarationFlags(one, slice(2_000), counted)).toEqual(['declaration-broken']);
    expect(declarationFlags(one, slice(180), counted)).toEqual(['declaration-broken']);
    expect(declarationFlags({ redisCommandsPerRequest: 0 }, slice(180), counted)).toEqual(['declaration-broken']);
  });

  it('are an upper bound if a cache saves some', () => {
    const atMost = { redisCommandsPerRequest: 1, redisCommandsAreAtMost: true } as const;
    expect(declarationFlags(atMost, slice(180), counted)).toEqual([]);
    expect(declarationFlags(atMost, slice(1_500), counted)).toEqual(['declaration-broken']);
  });

  it('exclude what replicas send by themselves, in proportion to time and replicas', () => {
    const one = { redisCommandsPerRequest: 0, redisCommandsPerSecond: 10 };
    expect(declarationFlags(one, slice(0), counted)).toEqual([]);
    expect(declarationFlags(one, slice(50 + 19), counted)).toEqual([]);
    expect(declarationFlags(one, slice(50 + 21), counted)).toEqual(['declaration-broken']);
    const two = { ...counted, replicas: 2 };
    expect(declarationFlags(one, slice(100 + 19), two)).toEqual([]);
    expect(declarationFlags(one, slice(100 + 20), { ...two, durationMs: 4_900 })).toEqual(['declaration-broken']);
  });

  it('are not judged if commands could not be counted, or there were no requests', () => {
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { ...slice(0), measures: {} }, counted)).toEqual([]);
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { ...slice(0), requests: 0 }, counted)).toEqual([]);
  });
});
