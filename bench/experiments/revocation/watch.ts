/** Uses one credential repeatedly, and records when it was accepted for the last time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Judgement } from '../../fleet/foreign.ts';
import { type Address, Connection } from '../../load/connection/connection.ts';
import type { Response } from '../../load/connection/response.ts';

/**
 * Times are in ms after the acknowledged revocation: the send time of accepted requests, and the response time of
 * refused ones.
 */
export interface Sighting {
  /** Null if no request sent after the revocation was accepted. */
  readonly lastAcceptedMs: number | null;
  /** The first refusal after which none was accepted; null if the watch ended before. */
  readonly firstRefusedMs: number | null;
}

export interface Watched extends Sighting {
  readonly probes: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Probes with neither acceptance nor refusal. */
  readonly unexpected: number;
}

/** The moment of revocation, shared by all watches of a credential. */
export class RevocationMark {
  readonly #signal = Promise.withResolvers<void>();
  #atMs: number | null = null;

  /** When the response to the revocation arrived, on the clock of performance.now(). */
  get atMs(): number | null {
    return this.#atMs;
  }

  get reached(): Promise<void> {
    return this.#signal.promise;
  }

  set(atMs: number): void {
    this.#atMs = atMs;
    this.#signal.resolve();
  }
}

/** Steady use before the revocation, like a busy page: it keeps caches filled. */
const USE_EVERY_MS = 50;
/** The least gap between two probes, */
const LEAST_GAP_MS = 2;
/** and the gap as a share of the time since the revocation: a longer lag needs less absolute precision. */
const GAP_SHARE = 0.05;
/** This many refusals in a row end a watch: a single one may be followed by a cache refill with a stale entry. */
const REFUSALS = 5;

/** How long to wait until the next probe, `sinceMs` after the revocation. */
export function gapMs(sinceMs: number): number {
  return Math.max(LEAST_GAP_MS, GAP_SHARE * sinceMs);
}

/** Derives both moments from the probes. Pure; exported for its test. */
export class Sightings {
  #lastAcceptedMs: number | null = null;
  #firstRefusedMs: number | null = null;
  #refusals = 0;

  accepted(sentMs: number): void {
    this.#lastAcceptedMs = sentMs;
    this.#firstRefusedMs = null;
    this.#refusals = 0;
  }

  refused(answeredMs: number): void {
    this.#firstRefusedMs ??= answeredMs;
    this.#refusals++;
  }

  get settled(): boolean {
    return this.#refusals >= REFUSALS;
  }

  get sighting(): Sighting {
    return { lastAcceptedMs: this.#lastAcceptedMs, firstRefusedMs: this.#firstRefusedMs };
  }
}

export interface WatchOptions {
  readonly address: Address;
  /** @returns the next request that uses the credential */
  readonly wire: () => Buffer;
  readonly judge: (response: Response) => Judgement;
  readonly mark: RevocationMark;
  /** The longest watch after the revocation. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Uses a credential on one replica until it has been permanently refused, the limit after its revocation has passed,
 * or the signal is aborted. @throws ConnectionError if the replica is gone
 */
export async function watchUse({ address, wire, judge, mark, limitMs, signal }: WatchOptions): Promise<Watched> {
  let connection = await Connection.open(address);
  const sightings = new Sightings();
  const statuses: Record<string, number> = {};
  let probes = 0;
  let unexpected = 0;
  try {
    while (!signal.aborted) {
      // A server may close the connection after a response, as some do with a refusal.
      if (connection.closed) connection = await Connection.open(address);
      const request = wire();
      const sentMs = performance.now();
      const response = await connection.request(request);
      const answeredMs = performance.now();
      const { status } = response;
      probes++;
      statuses[status] = (statuses[status] ?? 0) + 1;
      const judgement = judge(response);
      if (judgement === 'other') unexpected++;
      const { atMs } = mark;
      if (atMs === null) {
        await Promise.race([sleep(USE_EVERY_MS), mark.reached]);
        continue;
      }
      // Requests in flight when the revocation was acknowledged prove nothing.
      if (sentMs >= atMs) {
        if (judgement === 'accepted') sightings.accepted(sentMs - atMs);
        else if (judgement === 'refused') sightings.refused(answeredMs - atMs);
        if (sightings.settled || answeredMs - atMs > limitMs) break;
        await sleep(gapMs(answeredMs - atMs));
      }
    }
    return { ...sightings.sighting, probes, statuses, unexpected };
  } finally {
    connection.close();
  }
}
