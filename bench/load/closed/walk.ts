/**
 * Closed-loop load at saturation by walkers: users who each send one request after the other, to one replica or to several
 * in turn. They replace a balancer: the client decides which replica serves a request, so that no balancer's CPU time or
 * delay is in the figures.
 */
import { performance } from 'node:perf_hooks';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { isAsExpected, makeReady, type ReadyRequest } from '../connection/ready-request.ts';
import type { LoadOptions, PreparedRequest, Spreading, Tally, Target } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';
import { elapsed } from './closed.ts';

export interface Assignment {
  /** Indices of addresses, which the walker uses in turn. */
  readonly addresses: readonly number[];
  readonly user: number;
}

/**
 * Where walker i sends its requests, and as whom, with N replicas.
 * `connection`: it stays on replica i mod N, with user floor(i / N), so every replica sees every user.
 * `request`: its requests go to one replica after the other, as behind a balancer that does not distinguish users.
 * `sticky`: it stays on replica i mod N with user i; lay the users out so that each meets the replica that logged it in.
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
}

/** The state that all walkers of a slice share. */
interface SliceState {
  counting: boolean;
  over: boolean;
  readonly counts: Counts;
  readonly latency: LatencyHistogram;
}

class Walker {
  readonly #slice: SliceState;
  readonly #destinations: readonly Destination[];
  readonly #connections: Connection[];
  #sent = 0;

  private constructor(slice: SliceState, destinations: readonly Destination[], connections: Connection[]) {
    this.#slice = slice;
    this.#destinations = destinations;
    this.#connections = connections;
  }

  /** @throws ConnectionError */
  static async open(slice: SliceState, destinations: readonly Destination[]): Promise<Walker> {
    const connections: Connection[] = [];
    for (const { address } of destinations) connections.push(await Connection.open(address));
    return new Walker(slice, destinations, connections);
  }

  next(): void {
    if (this.#slice.over) return;
    const index = this.#sent++ % this.#destinations.length;
    const { address, request } = this.#destinations[index] as Destination;
    const connection = this.#connections[index] as Connection;
    if (connection.closed) {
      this.#reopen(index, address);
      return;
    }
    const sentMs = performance.now();
    connection.send(request.bytes, (_error, response) => {
      const { counts, latency, counting, over } = this.#slice;
      if (over) return;
      if (counting) {
        if (response) {
          counts.answered(response.status, isAsExpected(request, response), request.bytes.length, response.bytes);
          latency.record((performance.now() - sentMs) * 1000);
        } else counts.failed++;
      }
      this.next();
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** A connection that cannot be opened ends the walk: the failures that it stands for were counted before. */
  #reopen(index: number, address: Address): void {
    Connection.open(address).then(
      (connection) => {
        this.#connections[index] = connection;
        if (this.#slice.over) connection.close();
        else this.next();
      },
      () => {
        if (this.#slice.counting) this.#slice.counts.failed++;
      },
    );
  }
}

/** @returns what was answered within the window. @throws ConnectionError when a replica cannot be connected to */
export async function walkSlice(target: Target, options: Omit<LoadOptions<'walk'>, 'target'>): Promise<Tally> {
  const { addresses, requests } = target;
  const slice: SliceState = { counting: false, over: false, counts: new Counts(), latency: LatencyHistogram.empty() };
  const opening = Array.from({ length: options.walkers }, (_, i) => {
    const assigned = assignmentOf(i, addresses.length, requests.length, options.spreading);
    const request = requests[assigned.user] as PreparedRequest; // a target has at least one
    const destinations = assigned.addresses.map((index) => {
      const address = addresses[index] as Address;
      return { address, request: makeReady(address, request) };
    });
    return Walker.open(slice, destinations);
  });
  const opened = await Promise.allSettled(opening);
  const walkers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    for (const walker of walkers) walker.next();
    await elapsed(options.rampMs);
    const self = new SelfMeter();
    const before = readProcesses(target.processes);
    slice.counting = true;
    await elapsed(options.windowMs);
    slice.counting = false;
    const after = readProcesses(target.processes);
    const own = self.read();
    return { ...tally(target.key, slice.counts, before, after, own), latency: slice.latency.encode() };
  } finally {
    slice.over = true;
    for (const walker of walkers) walker.close();
  }
}
