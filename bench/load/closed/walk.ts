/**
 * Closed-loop load at saturation by walkers: users who each send one request after the other, and whose requests may go
 * to several replicas in turn. It is what stands in for a balancer: which replica a request meets
 * is decided here, in the client, so that no balancer's CPU time or delay is inside the figures.
 */
import { performance } from 'node:perf_hooks';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { isAsExpected, type Step, stepOf } from '../connection/step.ts';
import type { PreparedRequest, Tally, Target } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';
import { elapsed } from './closed.ts';

/**
 * How walkers reach N replicas, walker i with the request of a user:
 * by `connection` it stays on replica i mod N, with user floor(i / N), so every replica sees every user;
 * by `request` its requests go to one replica after the other, as behind a balancer that knows nothing of users;
 * `sticky` keeps it on replica i mod N with user i: lay the users out so that each meets the replica that logged it in.
 */
export type Spreading = 'connection' | 'request' | 'sticky';

export interface WalkOptions {
  readonly walkers: number;
  readonly spreading: Spreading;
  /** Load before the window opens. */
  readonly rampMs: number;
  readonly windowMs: number;
}

export interface Itinerary {
  /** Indices of addresses, in the order in which they are visited. */
  readonly addresses: readonly number[];
  readonly user: number;
}

/** Pure: where a walker goes, and as whom. */
export function itinerary(walker: number, replicas: number, users: number, spreading: Spreading): Itinerary {
  const home = walker % replicas;
  if (spreading === 'sticky') return { addresses: [home], user: walker % users };
  const user = Math.floor(walker / replicas) % users;
  if (spreading === 'connection') return { addresses: [home], user };
  return { addresses: Array.from({ length: replicas }, (_, k) => (home + k) % replicas), user };
}

interface Place {
  readonly address: Address;
  readonly step: Step;
}

/** What all walkers of a slice share. */
interface Scene {
  counting: boolean;
  over: boolean;
  readonly counts: Counts;
  readonly latency: LatencyHistogram;
}

class Walker {
  readonly #scene: Scene;
  readonly #places: readonly Place[];
  readonly #links: Connection[];
  #turn = 0;

  private constructor(scene: Scene, places: readonly Place[], links: Connection[]) {
    this.#scene = scene;
    this.#places = places;
    this.#links = links;
  }

  /** @throws ConnectionError */
  static async open(scene: Scene, places: readonly Place[]): Promise<Walker> {
    const links: Connection[] = [];
    for (const { address } of places) links.push(await Connection.open(address));
    return new Walker(scene, places, links);
  }

  go(): void {
    if (this.#scene.over) return;
    const place = this.#turn++ % this.#places.length;
    const { address, step } = this.#places[place] as Place;
    const link = this.#links[place] as Connection;
    if (link.closed) {
      this.#reopen(place, address);
      return;
    }
    const sentMs = performance.now();
    link.send(step.bytes, (_error, response) => {
      const { counts, latency, counting, over } = this.#scene;
      if (over) return;
      if (counting) {
        if (response) {
          counts.answered(response.status, isAsExpected(step, response), step.bytes.length, response.bytes);
          latency.record((performance.now() - sentMs) * 1000);
        } else counts.failed++;
      }
      this.go();
    });
  }

  close(): void {
    for (const link of this.#links) link.close();
  }

  /** One that cannot be opened ends the walk: the failures that it stands for were counted before. */
  #reopen(place: number, address: Address): void {
    Connection.open(address).then(
      (link) => {
        this.#links[place] = link;
        if (this.#scene.over) link.close();
        else this.go();
      },
      () => {
        if (this.#scene.counting) this.#scene.counts.failed++;
      },
    );
  }
}

/** @returns what was answered within the window. @throws ConnectionError when a replica cannot be connected to */
export async function walkSlice(target: Target, options: WalkOptions): Promise<Tally> {
  const { addresses, requests } = target;
  const scene: Scene = { counting: false, over: false, counts: new Counts(), latency: LatencyHistogram.empty() };
  const opening = Array.from({ length: options.walkers }, (_, i) => {
    const { addresses: visited, user } = itinerary(i, addresses.length, requests.length, options.spreading);
    const request = requests[user] as PreparedRequest; // a target has one at least
    const places = visited.map((index) => {
      const address = addresses[index] as Address;
      return { address, step: stepOf(address, request) };
    });
    return Walker.open(scene, places);
  });
  const opened = await Promise.allSettled(opening);
  const walkers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    for (const walker of walkers) walker.go();
    await elapsed(options.rampMs);
    const self = new SelfMeter();
    const before = readProcesses(target.processes);
    scene.counting = true;
    await elapsed(options.windowMs);
    scene.counting = false;
    const after = readProcesses(target.processes);
    const own = self.read();
    return { ...tally(target.key, scene.counts, before, after, own), latency: scene.latency.encode() };
  } finally {
    scene.over = true;
    for (const walker of walkers) walker.close();
  }
}
