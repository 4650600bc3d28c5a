import { describe, expect, it } from 'vitest';
import { declarationFlags } from './declared-commands.ts';

const slice = (commands: number) => ({ requests: 1_000, measures: { redis_commands: commands } });

describe('what an arm declares of its Redis commands', () => {
  it('is held exactly where it is exact, but for a stray command', () => {
    const one = { redisCommandsPerRequest: 1 };
    expect(declarationFlags(one, slice(1_000))).toEqual([]);
    expect(declarationFlags(one, slice(1_010))).toEqual([]);
    expect(declarationFlags(one, slice(2_000))).toEqual(['declaration-broken']);
    expect(declarationFlags(one, slice(180))).toEqual(['declaration-broken']);
    expect(declarationFlags({ redisCommandsPerRequest: 0 }, slice(180))).toEqual(['declaration-broken']);
  });

  it('is a bound where a cache saves some', () => {
    const atMost = { redisCommandsPerRequest: 1, redisCommandsAreAtMost: true } as const;
    expect(declarationFlags(atMost, slice(180))).toEqual([]);
    expect(declarationFlags(atMost, slice(1_500))).toEqual(['declaration-broken']);
  });

  it('is not judged where commands could not be counted, or nothing was asked', () => {
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { requests: 10, measures: {} })).toEqual([]);
    expect(declarationFlags({ redisCommandsPerRequest: 1 }, { ...slice(0), requests: 0 })).toEqual([]);
  });
});
