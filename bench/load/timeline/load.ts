/**
 * A light open-loop load that records every request: when it was due, its outcome, and the time of that. Requests are
 * due at even intervals, whatever happened to earlier ones, and a client that gets no response gives up. If no server
 * listens, a request fails at once, as a user's would: requests are not queued for a server that is down.
 */

import { authorityOf } from '../connection/authority.ts';
import type { Address } from '../connection/connection.ts';
import { type Renewable, renewable } from '../connection/renewable.ts';
import type { Response } from '../connection/response.ts';
import { OUTCOMES, type Outcome, type StreamRecord, type TimelineOptions } from './protocol.ts';

/** The operations it needs of a connection. */
export interface TimelineLink {
  readonly closed: boolean;
  request(wire: Buffer, timeoutMs: number): Promise<Response>;
  close(): void;
}

export interface TimelineParts {
  readonly options: TimelineOptions;
  readonly nowMs: () => number;
  /** Rejects if no server accepts within `timeoutMs`. */
  readonly open: (address: Address, timeoutMs: number) => Promise<TimelineLink>;
}

type Stream = TimelineOptions['streams'][number];

interface Prepared {
  readonly address: Address;
  readonly wire: Renewable;
  readonly outcomeOf: (response: Response) => Outcome;
}

/** Timers have whole milliseconds: a request that ends this shortly before its time-out was given up. */
const TIMER_MS = 5;
/** How long after the time-out every request must have an outcome. */
const SETTLE_MS = 500;

function outcomeOf({ status, body }: Response, expectBody: Buffer | null): Outcome {
  if (status === 200) return expectBody === null || expectBody.equals(body) ? 'accepted' : 'other';
  if (status === 401) return 'refused';
  if (status === 403) return 'forbidden';
  return status === 503 ? 'unavailable' : 'other';
}

type Judge = NonNullable<Stream['requests'][number]['judge']>;

/** A service may refuse in any way, such as with a redirect, and fail with any 5xx. */
function judged({ status, body }: Response, { accepts, holds }: Judge): Outcome {
  if (status >= 500) return 'unavailable';
  if (status === 403) return 'forbidden';
  const isAccepted = accepts.includes(status) && (holds === undefined || body.includes(holds));
  return isAccepted ? 'accepted' : 'refused';
}

function prepared({ wire, proofKey, expectBody, judge, ...address }: Stream['requests'][number]): Prepared {
  const body = expectBody === undefined ? null : Buffer.from(expectBody);
  return {
    address,
    wire: renewable(Buffer.from(wire, 'latin1'), proofKey),
    outcomeOf: (response) => (judge === undefined ? outcomeOf(response, body) : judged(response, judge)),
  };
}

/** One stream: its schedule, and its records. */
class StreamLoad {
  readonly #everyMs: number;
  readonly #phaseMs: number;
  readonly #requests: readonly Prepared[];
  readonly record: StreamRecord;

  /** @param phase 0 to 1: the offset of requests within their period, so that streams alternate */
  constructor({ key, ratePerSecond, requests }: Stream, phase: number) {
    this.#everyMs = 1000 / ratePerSecond;
    this.#phaseMs = phase * this.#everyMs;
    this.#requests = requests.map(prepared);
    this.record = { key, dueMs: [], waitMs: [], status: [], outcome: [] };
  }

  /** The next request if it is due, recorded without an outcome. */
  next(sinceStartMs: number): { readonly request: Prepared; readonly index: number; readonly dueMs: number } | null {
    const index = this.record.dueMs.length;
    const dueMs = this.#phaseMs + index * this.#everyMs;
    if (dueMs > sinceStartMs) return null;
    this.record.dueMs.push(dueMs);
    this.record.waitMs.push(0);
    this.record.status.push(0);
    this.record.outcome.push(-1);
    return { request: this.#requests[index % this.#requests.length] as Prepared, index, dueMs }; // never empty
  }

  settle(index: number, outcome: Outcome, waitMs: number, status = 0): void {
    this.record.status[index] = status;
    this.record.outcome[index] = OUTCOMES.indexOf(outcome);
    this.record.waitMs[index] = waitMs;
  }
}

export class TimelineLoad {
  readonly #parts: TimelineParts;
  readonly #streams: readonly StreamLoad[];
  readonly #idle = new Map<string, TimelineLink[]>();
  readonly #outstanding = new Set<Promise<void>>();
  /** Time 0 of its records, on the injected clock. */
  readonly startMs: number;
  #over = false;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
    const { streams } = parts.options;
    this.#streams = streams.map((stream, i) => new StreamLoad(stream, i / streams.length));
    this.startMs = parts.nowMs();
  }

  /** Sends what is due. Call it about every millisecond. */
  tick(): void {
    const sinceStartMs = this.#parts.nowMs() - this.startMs;
    if (this.#over || sinceStartMs > this.#parts.options.longestMs) return;
    for (const stream of this.#streams) {
      for (let due = stream.next(sinceStartMs); due !== null; due = stream.next(sinceStartMs)) {
        const sent = this.#send(stream, due.request, due.index, due.dueMs).finally(() =>
          this.#outstanding.delete(sent),
        );
        this.#outstanding.add(sent);
      }
    }
  }

  /** Stops sending, and waits until every request has ended or been given up. */
  async finish(wait: (ms: number) => Promise<unknown>): Promise<readonly StreamRecord[]> {
    this.#over = true;
    await Promise.race([Promise.all(this.#outstanding), wait(this.#parts.options.timeoutMs + SETTLE_MS)]);
    for (const links of this.#idle.values()) for (const link of links) link.close();
    return this.#streams.map(({ record }) => record);
  }

  async #send(stream: StreamLoad, request: Prepared, index: number, dueMs: number): Promise<void> {
    const { nowMs, options } = this.#parts;
    const waitMs = () => nowMs() - this.startMs - dueMs;
    const leftMs = () => Math.max(1, Math.ceil(options.timeoutMs - waitMs()));
    const address = authorityOf(request.address);
    let link: TimelineLink | null = null;
    try {
      link = this.#takeIdle(address) ?? (await this.#parts.open(request.address, leftMs()));
      const response = await link.request(request.wire.next(), leftMs());
      stream.settle(index, request.outcomeOf(response), waitMs(), response.status);
      if (!link.closed) this.#release(address, link);
    } catch {
      link?.close();
      stream.settle(index, waitMs() >= options.timeoutMs - TIMER_MS ? 'timedOut' : 'error', waitMs());
    }
  }

  #takeIdle(address: string): TimelineLink | null {
    const links = this.#idle.get(address) ?? [];
    for (let link = links.shift(); link !== undefined; link = links.shift()) if (!link.closed) return link;
    return null;
  }

  #release(address: string, link: TimelineLink): void {
    const links = this.#idle.get(address);
    if (links === undefined) this.#idle.set(address, [link]);
    else links.push(link);
  }
}
