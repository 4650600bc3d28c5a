/**
 * A closed loop with our own connections, which notice when a server closes one. Autocannon then leaves a stale entry
 * in its client's queue, so its latencies grow over the run.
 */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { type Address, Connection } from '../../load/connection/connection.ts';
import { requestBytes } from '../../load/connection/request.ts';
import type { ClosedResult } from './autocannon.ts';

export interface OwnClosedRequest {
  readonly address: Address;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  readonly timeoutMs: number;
}

export interface OwnClosedResult extends ClosedResult {
  /** Responses after which the server closed the connection. */
  readonly closes: number;
}

/** If a server refuses connections, each client retries at this interval. */
const RETRY_MS = 10;
const TIMER_MS = 2;

/** @throws the signal's reason when aborted */
export async function runOwnClosed(asked: OwnClosedRequest, signal: AbortSignal): Promise<OwnClosedResult> {
  signal.throwIfAborted();
  const loop = new ClosedLoop(asked, signal);
  await Promise.all(Array.from({ length: asked.connections }, () => loop.client()));
  signal.throwIfAborted();
  return loop.result();
}

class ClosedLoop {
  readonly #asked: OwnClosedRequest;
  readonly #signal: AbortSignal;
  readonly #bytes: Buffer;
  readonly #startMs = performance.now();
  readonly #service = LatencyHistogram.empty();
  readonly #statuses: Record<string, number> = {};
  #answered = 0;
  #failed = 0;
  #timedOut = 0;
  #inFlightAtEnd = 0;
  #responseBytes = 0;
  #closes = 0;
  #lastMs = this.#startMs;

  constructor(asked: OwnClosedRequest, signal: AbortSignal) {
    this.#asked = asked;
    this.#signal = signal;
    this.#bytes = requestBytes(asked.address, { method: 'GET', path: asked.path, headers: { accept: '*/*' } });
  }

  get #leftMs(): number {
    return this.#signal.aborted ? 0 : this.#startMs + 1000 * this.#asked.seconds - performance.now();
  }

  /** Sends requests one after another, and reopens the connection if the server has closed it. */
  async client(): Promise<void> {
    let connection: Connection | null = null;
    const end = () => connection?.close();
    this.#signal.addEventListener('abort', end, { once: true });
    let isOver = false;
    while (!isOver && this.#leftMs > 0) {
      try {
        if (connection === null || connection.closed) connection = await Connection.open(this.#asked.address);
        isOver = await this.#ask(connection);
      } catch {
        connection?.close();
        connection = null;
        if (this.#leftMs > 0) {
          this.#failed++;
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }
    this.#signal.removeEventListener('abort', end);
    connection?.close();
  }

  /**
   * @returns true if the time was over before the response came: a timer that fires early must not start another
   * request
   */
  async #ask(connection: Connection): Promise<boolean> {
    const sentMs = performance.now();
    const waitMs = Math.max(1, Math.min(this.#asked.timeoutMs, this.#leftMs));
    const isLast = waitMs < this.#asked.timeoutMs;
    try {
      const { status, bytes, closes } = await connection.request(this.#bytes, waitMs);
      this.#lastMs = performance.now();
      this.#answered++;
      this.#responseBytes += bytes;
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
      this.#service.record((this.#lastMs - sentMs) * 1000);
      if (closes) this.#closes++;
      return false;
    } catch (error) {
      // A timer may fire a little early.
      if (performance.now() - sentMs < waitMs - TIMER_MS) throw error;
      // The connection ended with it.
      if (isLast) this.#inFlightAtEnd++;
      else this.#timedOut++;
      return isLast;
    }
  }

  result(): OwnClosedResult {
    return {
      answered: this.#answered,
      statuses: this.#statuses,
      failed: this.#failed,
      timedOut: this.#timedOut,
      inFlightAtEnd: this.#inFlightAtEnd,
      elapsedMs: Math.max(this.#lastMs - this.#startMs, this.#asked.seconds * 1000),
      responseBytes: this.#responseBytes,
      service: this.#service,
      closes: this.#closes,
    };
  }
}
