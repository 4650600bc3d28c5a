/**
 * The open-loop generator: requests are sent when they are due, not when the server is ready for them, and latency
 * counts from the time a request was due. So a server that stalls is charged for every request that would have waited
 * (coordinated omission: Tene, "How NOT to Measure Latency"). This is the logic alone: clock and connections are
 * injected. `drive.ts` runs it.
 */
import type { CpuWait } from '../../processes/threads/cpu-wait.ts';
import { type Renewable, renewable } from '../connection/renewable.ts';
import type { Response } from '../connection/response.ts';
import { type Link, TargetConnections } from './connections.ts';
import { Queue } from './queue.ts';
import type { Arrival } from './schedule.ts';
import type { OpenOptions, OpenRequest, OpenResult } from './schema.ts';
import { OpenTally } from './tally.ts';

export interface OpenLoopParts {
  readonly options: OpenOptions;
  /** Returns arrivals in order of time; null at the end. */
  readonly nextArrival: () => Arrival | null;
  /** Microseconds on a monotonic clock. */
  readonly nowMicros: () => number;
  /** Opens a connection to `options.targets[target]`. */
  readonly open: (target: number) => Promise<Link>;
  /** This process's share of the rate and of the connections: 1 / shards. */
  readonly share: number;
  /** The time waited for the CPU, if known. */
  readonly cpuWaitMicros?: CpuWait;
}

interface Pending {
  readonly request: Prepared;
  readonly intendedMicros: number;
  /** When the loop processed it: a delay here is the generator's own fault. */
  readonly seenMicros: number;
  readonly measured: boolean;
  link: Link | null;
  sentMicros: number;
  settled: boolean;
}

interface Prepared {
  readonly connections: TargetConnections<Pending>;
  readonly target: number;
  readonly wire: Renewable;
  readonly expectStatus: number;
  readonly expectBody: Buffer | null;
}

/** A request counts as sent in time up to this long after the schedule's end. */
const END_SLACK_MICROS = 1000;

export class OpenLoop {
  readonly #parts: OpenLoopParts;
  readonly #tally = new OpenTally();
  readonly #targets: TargetConnections<Pending>[];
  readonly #requests: Prepared[];
  readonly #timeoutMicros: number;
  /** All requests that may be pending, in order of their intended time and so of their time-out. */
  readonly #outstanding = new Queue<Pending>();
  #startMicros = 0;
  #waitedAtStart: number | null = null;
  #measureFromMicros = 0;
  #endMicros = 0;
  #next: Arrival | null = null;
  #inFlight = 0;
  #hasBegun = false;
  #hasEnded = false;
  #lastSendMicros = Number.NaN;
  #over = false;

  constructor(parts: OpenLoopParts) {
    this.#parts = parts;
    const { options, share } = parts;
    const perTarget = (total: number) => Math.max(1, Math.ceil((total * share) / options.targets.length));
    this.#targets = options.targets.map(
      () => new TargetConnections(perTarget(options.connections), perTarget(options.maxConnections)),
    );
    this.#requests = options.requests.map((request) => prepare(request, this.#targets));
    this.#timeoutMicros = options.timeoutMs * 1000;
  }

  /** Opens the connections. @throws ConnectionError if one cannot be opened; all are then closed */
  async connect(): Promise<void> {
    const now = this.#parts.nowMicros();
    const opened: Promise<void>[] = [];
    this.#targets.forEach((connections, target) => {
      while (connections.wantsAnother(now)) {
        connections.opening();
        opened.push(
          this.#parts.open(target).then((link) => {
            connections.opened(link);
            connections.release(link);
          }),
        );
      }
    });
    const failure = (await Promise.allSettled(opened)).find((each) => each.status === 'rejected');
    if (failure !== undefined) {
      this.close();
      throw failure.reason;
    }
  }

  start(startMicros: number): void {
    const { durationMs, warmupMs } = this.#parts.options;
    this.#startMicros = startMicros;
    this.#measureFromMicros = startMicros + warmupMs * 1000;
    this.#endMicros = this.#measureFromMicros + durationMs * 1000;
    this.#next = this.#parts.nextArrival();
  }

  /** Sends what is due and times out what is overdue. @returns true when every request is settled */
  tick(): boolean {
    const now = this.#parts.nowMicros();
    while (this.#next !== null && this.#startMicros + this.#next.atMicros <= now) {
      this.#arrive(this.#next);
      this.#next = this.#parts.nextArrival();
    }
    this.#expireUntil(now);
    if (!this.#hasEnded && now >= this.#endMicros) {
      this.#hasEnded = true;
      this.#tally.ends(this.#unanswered());
    }
    if (this.#next === null && this.#outstanding.size === 0) return true;
    for (let target = 0; target < this.#targets.length; target++) this.#openMore(target, now);
    return false;
  }

  /** Microseconds until there is something to send or to time out; responses arrive by themselves. */
  restMicros(): number {
    const due = this.#next === null ? Number.POSITIVE_INFINITY : this.#startMicros + this.#next.atMicros;
    const oldest = this.#outstanding.peek();
    const overdue = oldest === undefined ? Number.POSITIVE_INFINITY : oldest.intendedMicros + this.#timeoutMicros;
    return Math.min(due, overdue) - this.#parts.nowMicros();
  }

  nowMicros(): number {
    return this.#parts.nowMicros();
  }

  close(): void {
    this.#over = true;
    for (const connections of this.#targets) connections.closeAll();
  }

  result(): OpenResult {
    const { options, share } = this.#parts;
    const waited = this.#parts.cpuWaitMicros?.() ?? null;
    const cpuWaitMs = waited === null || this.#waitedAtStart === null ? null : (waited - this.#waitedAtStart) / 1000;
    return this.#tally.result(options.ratePerSecond * share, options.durationMs, this.#startMicros / 1000, cpuWaitMs);
  }

  #arrive(arrival: Arrival): void {
    const request = this.#requests[arrival.index % this.#requests.length] as Prepared; // never empty
    const intendedMicros = this.#startMicros + arrival.atMicros;
    const seenMicros = this.#parts.nowMicros();
    const measured = intendedMicros >= this.#measureFromMicros;
    const pending = { request, intendedMicros, seenMicros, measured, link: null, sentMicros: 0, settled: false };
    if (measured) {
      if (!this.#hasBegun) {
        this.#hasBegun = true;
        this.#tally.begins(this.#unanswered());
      }
      this.#waitedAtStart ??= this.#parts.cpuWaitMicros?.() ?? null;
      this.#tally.scheduled(seenMicros - intendedMicros);
    }
    this.#outstanding.push(pending);
    const link = request.connections.waiting.size === 0 ? this.#takeLink(request.connections) : null;
    if (link === null) request.connections.waiting.push(pending);
    else this.#send(link, pending);
  }

  #unanswered(): number {
    return this.#targets.reduce((sum, { waiting }) => sum + waiting.size, this.#inFlight);
  }

  #takeLink(connections: TargetConnections<Pending>): Link | null {
    return connections.take(() => this.#tally.reconnect());
  }

  #send(link: Link, pending: Pending): void {
    const sentMicros = this.#parts.nowMicros();
    pending.link = link;
    pending.sentMicros = sentMicros;
    this.#inFlight++;
    if (pending.measured) {
      const wait = sentMicros - pending.seenMicros;
      this.#tally.sent(pending.request.wire.length, wait, sentMicros <= this.#endMicros + END_SLACK_MICROS);
      if (!Number.isNaN(this.#lastSendMicros)) this.#tally.sendGap(sentMicros - this.#lastSendMicros);
      this.#lastSendMicros = sentMicros;
    }
    this.#tally.level(
      this.#targets.reduce((sum, connections) => sum + connections.size, 0),
      this.#inFlight,
    );
    const { wire } = pending.request;
    link.send(wire.next(), (error, response) => this.#onDone(link, pending, error, response));
    // Now rather than when it is next due: signing would make it late.
    wire.stock(1);
  }

  #onDone(link: Link, pending: Pending, error: Error | null, response: Response | null): void {
    const receivedMicros = this.#parts.nowMicros();
    if (pending.settled) return; // it timed out, and its connection was closed
    pending.settled = true;
    this.#inFlight--;
    const { connections } = pending.request;
    if (response === null) {
      if (pending.measured) this.#tally.failed(error ?? new Error('no response'));
    } else if (pending.measured) {
      const corrected = receivedMicros - pending.intendedMicros;
      const service = receivedMicros - pending.sentMicros;
      this.#tally.answered(response, isExpected(pending.request, response), corrected, service);
    }
    if (response === null || link.closed) {
      connections.drop(link);
      this.#tally.reconnect();
    } else {
      this.#offer(connections, link);
    }
  }

  /** A connection is free: the request that waited longest gets it. */
  #offer(connections: TargetConnections<Pending>, link: Link): void {
    const waiting = connections.waiting.shift();
    if (waiting === undefined) connections.release(link);
    else this.#send(link, waiting);
  }

  #expireUntil(now: number): void {
    for (;;) {
      const oldest = this.#outstanding.peek();
      if (oldest === undefined || (!oldest.settled && now < oldest.intendedMicros + this.#timeoutMicros)) return;
      this.#outstanding.shift();
      if (!oldest.settled) this.#expire(oldest, now);
    }
  }

  #expire(pending: Pending, now: number): void {
    pending.settled = true;
    if (pending.measured) {
      const wait = pending.link === null ? now - pending.seenMicros : null;
      this.#tally.expired(this.#timeoutMicros, wait, now > this.#endMicros);
    }
    const { connections } = pending.request;
    if (pending.link === null) {
      connections.waiting.shift(); // requests wait and time out in the same order: it is the first
      return;
    }
    this.#inFlight--;
    // The response may still come, and on this connection it would be mistaken for that of the next request.
    connections.drop(pending.link);
    this.#tally.reconnect();
  }

  #openMore(target: number, now: number): void {
    const connections = this.#targets[target];
    while (connections?.wantsAnother(now)) {
      connections.opening();
      this.#parts.open(target).then(
        (link) => {
          connections.opened(link);
          if (this.#over) connections.drop(link);
          else this.#offer(connections, link);
        },
        () => {
          connections.openFailed(this.#parts.nowMicros());
          this.#tally.connectError();
        },
      );
    }
  }
}

function prepare(request: OpenRequest, targets: readonly TargetConnections<Pending>[]): Prepared {
  const connections = targets[request.target];
  if (connections === undefined) throw new RangeError(`a request names target ${request.target}, which does not exist`);
  return {
    connections,
    target: request.target,
    wire: renewable(Buffer.from(request.wire, 'latin1'), request.proofKey),
    expectStatus: request.expectStatus,
    expectBody: request.expectBody === undefined ? null : Buffer.from(request.expectBody),
  };
}

function isExpected(request: Prepared, response: Response): boolean {
  if (response.status !== request.expectStatus) return false;
  return request.expectBody === null || request.expectBody.equals(response.body);
}
