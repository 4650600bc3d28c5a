/** The findings of replays: figures with intervals. */
import type { Estimate } from '../core/stats/interval.ts';

export type Unit = '×' | '%' | 'B' | 'ms' | 'µs' | 'ops/s' | 'requests/s';

export interface FindingInfo {
  readonly what: string;
  readonly unit: Unit;
}

/** Connections of the closed loops: one for sequential requests, and the numbers of two sources. */
export const LEVELS = [1, 50, 100] as const;
export type Level = (typeof LEVELS)[number];

const perLevel = <N extends string>(name: N, info: (level: Level) => FindingInfo) =>
  Object.fromEntries(LEVELS.map((level) => [`${name}-${level}`, info(level)])) as Readonly<
    Record<`${N}-${Level}`, FindingInfo>
  >;

const at = (level: Level) => `at ${level} ${level === 1 ? 'connection' : 'connections'}`;

export const FINDINGS = {
  'hs256-rate': { what: 'verifying HS256 with fast-jwt, per second of CPU time', unit: 'ops/s' },
  'rs256-over-hs256': { what: 'rate of verifying RS256 over that of HS256', unit: '×' },
  'es256-over-hs256': { what: 'rate of verifying ES256 over that of HS256', unit: '×' },
  'cached-over-hs256': { what: 'rate of verifying HS256 with a cache of verified tokens over that without', unit: '×' },
  ...perLevel('session-rate', (level) => ({ what: `session in Redis, ${at(level)}`, unit: 'requests/s' })),
  ...perLevel('token-rate', (level) => ({ what: `JWT with HS256, ${at(level)}`, unit: 'requests/s' })),
  ...perLevel('session-over-token', (level) => ({
    what: `requests per second of the session over those of the token, ${at(level)}`,
    unit: '×',
  })),
  ...perLevel('session-cpu-over-token', (level) => ({
    what: `CPU time per request, server and Redis, of the session over that of the token, ${at(level)}`,
    unit: '×',
  })),
  'generator-saturated': {
    what: 'windows at 50 and 100 connections in which the load generator was saturated',
    unit: '%',
  },
  oversubscribed: {
    what: 'windows at 50 and 100 connections in which load, server and Redis used all cores',
    unit: '%',
  },
  'not-warm': { what: 'windows at 50 and 100 connections in which V8 was still optimising the server', unit: '%' },
  'session-bytes': { what: 'header line that carries the session', unit: 'B' },
  'hs256-bytes': { what: 'header line that carries the token, HS256', unit: 'B' },
  'rs256-bytes': { what: 'header line that carries the token, RS256', unit: 'B' },
  'hs256-bytes-over-session': { what: 'bytes of the HS256 token over those of the session', unit: '×' },
} as const satisfies Readonly<Record<string, FindingInfo>>;

export type FindingName = keyof typeof FINDINGS;

export interface Finding extends Pick<Estimate, 'value' | 'low' | 'high' | 'blocks' | 'forks'> {
  readonly name: FindingName;
}

/** The position of a ratio's interval relative to 1: above, below, or open if it contains 1. */
export type Side = 'above' | 'below' | 'open';

export function sideOf({ low, high }: { readonly low: number; readonly high: number }): Side {
  if (low > 1) return 'above';
  return high < 1 ? 'below' : 'open';
}
