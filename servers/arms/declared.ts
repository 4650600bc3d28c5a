/** Facts shared by arms of one kind, and the type of an arm's entry. */
import type { ArmInfo, ArmTag, StoredState } from '../contract.ts';
import type { EdgeFactory } from '../edge.ts';
import { DEFAULT_SETTINGS, type SchemeFactory, type SchemeSettings } from '../scheme.ts';

/** A scheme with fixed options, and its description. The scheme is loaded when the arm is started. */
export interface Arm {
  readonly info: ArmInfo;
  /** The settings that differ from the defaults; those in the start message take precedence. */
  readonly settings?: Partial<SchemeSettings>;
  load(): Promise<SchemeFactory>;
  /** The edge in front of each replica, for an arm that declares `hasEdge`. */
  readonly loadEdge?: () => Promise<EdgeFactory>;
}

export const SESSION: StoredState[] = ['session'];
export const REFERENCE: ArmTag[] = ['reference', 'representative'];
export const REPRESENTATIVE: ArmTag[] = ['representative'];
export const IN_DEPTH: ArmTag[] = ['in-depth'];

export const session = {
  baseline: false,
  family: 'session',
  usesRedis: true,
  serverState: 'redis',
  stores: SESSION,
  redisCommandsPerRequest: 1,
  needsStickyRouting: false,
  revocation: 'at-once',
  survivesRedisOutage: false,
  crossOrigin: false,
  needsCsrfProtection: true,
  readableByScript: false,
} as const;

export const stateless = {
  baseline: false,
  family: 'token',
  usesRedis: false,
  serverState: 'none',
  redisCommandsPerRequest: 0,
  needsStickyRouting: false,
  revocation: 'at-expiry',
  survivesRedisOutage: true,
  crossOrigin: true,
  needsCsrfProtection: false,
  readableByScript: true,
} as const;

export const token = {
  ...stateless,
  tokenAlgorithm: 'HS256',
  lifetimeMs: DEFAULT_SETTINGS.tokenLifetimeSeconds * 1000,
} as const;
