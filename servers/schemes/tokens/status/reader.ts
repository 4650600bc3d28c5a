/**
 * Keeps a replica's copy of a status list. It is fetched again after its time to live, and not used beyond its expiry:
 * if no newer one is available, no token's status is known. A reply that is not the list leaves the copy unchanged.
 */
import {
  LONGEST_REPLY_BYTES,
  readList,
  STATUS_LIST_MEDIA_TYPE,
  StatusListError,
  type StatusListKeys,
  statusAt,
} from './list.ts';

export type Status = 'valid' | 'revoked' | 'unknown';

export interface StatusReader {
  /** Fetches the first list, and continues until it is stopped. @throws Error if that fails */
  start(address: string): Promise<void>;
  stop(): void;
  /** `unknown` while the copy is too old, and for an index beyond it. */
  statusOf(index: number): Status;
  /** Fetches a list before it is due, unless the last attempt was very recent. @throws Error if that fails */
  renew(): Promise<void>;
}

export interface StatusReaderOptions {
  readonly uri: string;
  readonly keys: StatusListKeys;
  /** Time between two attempts after a failure. */
  readonly retryMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const FETCH_TIMEOUT_MS = 1_000;
/** On a busy machine, the first may be late. */
const START_ATTEMPTS = 4;

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop ends the transfer.
    if (bytes > LONGEST_REPLY_BYTES) throw new StatusListError('the reply is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** @throws Error if the reply is late, of another status or type, or too long */
export async function fetchList(address: string, stopped: AbortSignal): Promise<string> {
  const response = await fetch(address, {
    headers: { accept: STATUS_LIST_MEDIA_TYPE },
    // The list is signed, but its address is configuration, not something a reply may change.
    redirect: 'error',
    signal: AbortSignal.any([stopped, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
  });
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (response.status !== 200 || type !== STATUS_LIST_MEDIA_TYPE) {
    await response.body?.cancel();
    throw new StatusListError(`the reply has the status ${response.status} and the type ${type ?? 'none'}`);
  }
  return textOf(response);
}

export function statusReader({ uri, keys, retryMs, now }: StatusReaderOptions): StatusReader {
  const stopped = new AbortController();
  let bits = Buffer.alloc(0);
  let expiresAtMs = Number.NEGATIVE_INFINITY;
  /** The same on the clock of performance.now(): setting the clock back must not extend the life of a list. */
  let usableUntilMs = Number.NEGATIVE_INFINITY;
  let from = '';
  let renewing: Promise<number> | null = null;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  /** @returns how long the list is fresh, in ms */
  async function refresh(): Promise<number> {
    const list = await readList(await fetchList(from, stopped.signal), uri, keys, now());
    bits = list.bits as Buffer<ArrayBuffer>;
    expiresAtMs = list.expiresAtMs;
    usableUntilMs = performance.now() + expiresAtMs - now();
    return list.ttlMs;
  }

  /** Whatever the number of waiting requests, only one fetch is in progress. */
  function refreshOnce(): Promise<number> {
    renewing ??= refresh()
      .catch((error: unknown) => {
        failedAtMs = performance.now();
        throw error;
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  }

  function again(afterMs: number): void {
    if (stopped.signal.aborted) return;
    timer = setTimeout(() => {
      refreshOnce().then(again, () => again(retryMs));
    }, afterMs);
  }

  return {
    async start(address) {
      from = address;
      for (let attempt = 1; ; attempt++) {
        try {
          again(await refreshOnce());
          return;
        } catch (error) {
          if (attempt === START_ATTEMPTS) throw error;
        }
      }
    },
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
    statusOf(index) {
      const isUsable = now() < expiresAtMs && performance.now() < usableUntilMs;
      const status = isUsable ? statusAt(bits, index) : null;
      if (status === null) return 'unknown';
      return status === 0 ? 'valid' : 'revoked';
    },
    async renew() {
      if (renewing === null && performance.now() - failedAtMs < retryMs)
        throw new StatusListError('no list could be had a moment ago');
      await refreshOnce();
    },
  };
}
