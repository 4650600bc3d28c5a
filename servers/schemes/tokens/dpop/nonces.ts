/**
 * Nonces that the server issues and proofs must contain (RFC 9449 §8, §9). They are derived from the time with a key
 * that all replicas share, so none of them stores any. One is valid for one to two minutes.
 */
import { createHmac, hkdfSync } from 'node:crypto';

const WINDOW_MS = 60_000;
const LABEL = 'tollgate proof nonce';

export interface ProofNonces {
  /** The current nonce. */
  current(): string;
  /** `old`: still valid, but a client should switch to the current one. */
  judge(nonce: unknown): 'current' | 'old' | 'unknown';
}

/** @param secret that replicas share @param now in ms since the epoch */
export function proofNonces(secret: Buffer, now: () => number): ProofNonces {
  const key = Buffer.from(hkdfSync('sha256', secret, '', LABEL, 32));
  let window = Number.NaN;
  let [current, old] = ['', ''];
  const of = (number: number) => createHmac('sha256', key).update(String(number)).digest('base64url');
  const renew = () => {
    const at = Math.floor(now() / WINDOW_MS);
    if (at === window) return;
    window = at;
    [current, old] = [of(at), of(at - 1)];
  };
  return {
    current() {
      renew();
      return current;
    },
    judge(nonce) {
      renew();
      return nonce === current ? 'current' : nonce === old ? 'old' : 'unknown';
    },
  };
}
