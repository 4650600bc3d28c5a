/**
 * Closed-loop load at saturation by workers: users who each send one request after another, to one replica or to
 * several in turn. They replace a balancer: the client decides which replica serves a request, so that no balancer's
 * CPU time or delay is in the figures.
 */
import { performance } from 'node:perf_hooks';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { isAsExpected, type ReadyRequest, toReadyRequest } from '../connection/ready-request.ts';
import type { Response } from '../connection/response.ts';
import { elapsed } from '../elapsed.ts';
import { LoadAccount } from '../load-account.ts';
import type { LoadOptions, PreparedRequest, Spreading, Target } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import { Counts, SelfMeter } from '../tally.ts';

export interface Assignment {
  /** Indices of addresses, which the worker uses in turn. */
  readonly addresses: readonly number[];
  readonly user: number;
}

/**
 * Where worker i sends its requests, and as which user, with N replicas. `connection`: it stays on replica i mod N,
 * with user floor(i / N), so every replica sees every user. `request`: its requests go to the replicas in turn, as
 * behind a balancer that does not distinguish users. `sticky`: it stays on replica i mod N with user i; order the
 * users so that each uses the replica that logged it in.
 */
export function assignmentOf(walker: number, replicas: number, users: number, spreading: Spreading): Assignment {
  const home = walker % replicas;
  if (spreading === 'sticky') return { addresses: [home], user: walker % users };
  const user = Math.floor(walker / replicas) % users;
  if (spreading === 'connection') return { addresses: [home], user };
  return { addresses: Array.from({ length: replicas }, (_, k) => (home + k) % replicas), user };
}

interface Destination {
  readonly address: Address;
  readonly request: ReadyRequest;
  /** The last expected response: an identical object has identical bytes, and need not be compared again. */
  good: Response | null;
}

function isGood(destination: Destination, response: Response): boolean {
  if (response === destination.good) return true;
  const good = isAsExpected(destination.request, response);
  destination.good = good ? response : null;
  return good;
}

/** The state shared by all workers of a slice. */
interface SliceState {
  counting: boolean;
  /** No more requests are sent; responses are still awaited. */
  stopping: boolean;
  over: boolean;
  inFlight: number;
  /** Responses before, in and after the window. */
  answered: number;
  readonly counts: Counts;
  /** Null if latency is not recorded: two clock readings and a record cost a tenth of a request here. */
  readonly latency: LatencyHistogram | null;
}

class Walker {
  readonly #slice: SliceState;
  readonly #destinations: readonly Destination[];
  readonly #connections: Connection[];
  #sent = 0;
  #waiting = false;

  private constructor(slice: SliceState, destinations: readonly Destination[], connections: Connection[]) {
    this.#slice = slice;
    this.#destinations = destinations;
    this.#connections = connections;
  }

  /** @throws ConnectionError if one cannot be opened; the others are closed */
  static async open(slice: SliceState, destinations: readonly Destination[]): Promise<Walker> {
    const connections: Connection[] = [];
    try {
      for (const { address } of destinations) connections.push(await Connection.open(address));
    } catch (error) {
      for (const connection of connections) connection.close();
      throw error;
    }
    return new Walker(slice, destinations, connections);
  }

  /** Continues, unless a response is pending, which continues it anyway. */
  start(): void {
    if (!this.#waiting) this.#next();
  }

  #next(): void {
    if (this.#slice.stopping) return;
    const index = this.#sent++ % this.#destinations.length;
    const destination = this.#destinations[index] as Destination;
    const { address, request } = destination;
    const connection = this.#connections[index] as Connection;
    if (connection.closed) {
      this.#reopen(index, address);
      return;
    }
    const sentMs = this.#slice.latency === null ? 0 : performance.now();
    this.#slice.inFlight++;
    this.#waiting = true;
    connection.send(request.bytes.next(), (_error, response) => {
      this.#slice.inFlight--;
      this.#waiting = false;
      const { counts, latency, counting, over } = this.#slice;
      if (over) return;
      if (response) this.#slice.answered++;
      if (counting) {
        if (response) {
          counts.answered(response.status, isGood(destination, response), request.bytes.length, response.bytes);
          latency?.record((performance.now() - sentMs) * 1000);
        } else counts.failed++;
      }
      this.#next();
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** If a connection cannot be opened, the worker ends: its failures were counted before. */
  #reopen(index: number, address: Address): void {
    Connection.open(address).then(
      (connection) => {
        this.#connections[index] = connection;
        if (this.#slice.over) connection.close();
        else this.#next();
      },
      () => {
        if (this.#slice.counting) this.#slice.counts.failed++;
      },
    );
  }
}

/** The longest wait for a server that does not respond. */
const DRAIN_MS = 2_000;
const LOOK_MS = 2;

async function drained(slice: SliceState): Promise<void> {
  slice.stopping = true;
  for (const until = performance.now() + DRAIN_MS; slice.inFlight > 0 && performance.now() < until; ) {
    await elapsed(LOOK_MS);
  }
}

/** Called with the window's true start and end, on the clock of `performance.now()`. */
export type OnWindow = (fromMs: number, toMs: number) => void;

export interface SaturateOptions extends Omit<LoadOptions<'walk'>, 'target'> {
  readonly onWindow?: OnWindow;
}

/** @returns the responses within the window @throws ConnectionError if a replica cannot be connected to */
export async function walkSlice(target: Target, options: SaturateOptions): Promise<Tally> {
  const latency = LatencyHistogram.empty();
  const answered = await saturate(target, options, latency);
  return { ...answered, latency: latency.encode() };
}

/** Loads to saturation, and records each latency in µs in the histogram, if any. */
export async function saturate(
  target: Target,
  options: SaturateOptions,
  latency: LatencyHistogram | null,
): Promise<Tally> {
  const { addresses, requests } = target;
  const counts = new Counts();
  const state = { counting: false, stopping: false, over: false, inFlight: 0, answered: 0 };
  const slice: SliceState = { ...state, counts, latency };
  const opening = Array.from({ length: options.walkers }, (_, i) => {
    const assigned = assignmentOf(i, addresses.length, requests.length, options.spreading);
    const request = requests[assigned.user] as PreparedRequest; // a target has at least one
    const destinations = assigned.addresses.map((index): Destination => {
      const address = addresses[index] as Address;
      return { address, request: toReadyRequest(address, request), good: null };
    });
    return Walker.open(slice, destinations);
  });
  const opened = await Promise.allSettled(opening);
  const walkers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  let account: LoadAccount | null = null;
  try {
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    // A server has accepted a connection once it has responded on it; only then is its account read.
    for (const walker of walkers) walker.start();
    await drained(slice);
    const opening = slice.answered;
    account = await LoadAccount.begin(target.processes);
    slice.stopping = false;
    slice.answered = 0;
    for (const walker of walkers) walker.start();
    await elapsed(options.rampMs);
    const self = new SelfMeter();
    const fromMs = performance.now();
    slice.counting = true;
    await elapsed(options.windowMs);
    slice.counting = false;
    const window = { fromMs, toMs: performance.now(), counts, self: self.read() };
    options.onWindow?.(window.fromMs, window.toMs);
    await drained(slice);
    const tally = await account.tally(target.key, window, slice.answered);
    return { ...tally, answered: opening + slice.answered };
  } finally {
    slice.over = true;
    account?.close();
    for (const walker of walkers) walker.close();
  }
}
