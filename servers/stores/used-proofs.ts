/**
 * Used proofs, so that none is accepted twice (RFC 9449 §11.1). Redis keeps each for as long as it could be reused,
 * for all replicas: if each replica remembered only its own, an attacker could use an intercepted proof at every
 * other one.
 */
import { hash } from 'node:crypto';
import { orUnavailable } from '../errors.ts';
import type { RedisStore } from './redis.ts';

/** How far the clocks of two replicas may differ: for one of them, a proof may expire this much later. */
const CLOCK_MARGIN_MS = 5_000;

export interface UsedProof {
  /** The thumbprint of its key: another client may choose the same id. */
  readonly thumbprint: string;
  /** Its `jti`, of any length. */
  readonly id: string;
  /** When it is too old, in ms since the epoch. */
  readonly endsAtMs: number;
}

export interface UsedProofs {
  /** Costs one command. @returns false if it was used before. @throws StoreUnavailable */
  use(proof: UsedProof): Promise<boolean>;
}

export function redisUsedProofs({ client, prefix }: RedisStore, now: () => number): UsedProofs {
  return {
    async use({ thumbprint, id, endsAtMs }) {
      const key = `${prefix}proof:${hash('sha256', `${thumbprint}\0${id}`, 'base64url')}`;
      const keptMs = Math.max(0, Math.ceil(endsAtMs - now())) + CLOCK_MARGIN_MS;
      return (await orUnavailable(client.set(key, '1', 'PX', keptMs, 'NX'))) === 'OK';
    },
  };
}
