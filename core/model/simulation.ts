/**
 * A seeded discrete-event simulation of a fleet: users (closed) or arrivals at a rate (open), replicas, one Redis,
 * and the network between them. It checks the exact solution, and adds percentiles of latency. A request does half of
 * its work on its replica, visits Redis if its arm does, and does the other half.
 */
import { createRandom, type Random } from '../stats/random.ts';
import { EventQueue } from './event-queue.ts';
import { SimulatedStation } from './simulated-station.ts';

export interface FleetNetwork {
  readonly replicas: number;
  /** Service time of one request alone on its replica, in seconds: CPU time over the share of a core. */
  readonly replicaDemand: number;
  readonly discipline: 'fifo' | 'sharing';
  /** Completions per second of Redis with n requests present; null if the arm does not use it. */
  readonly redisRate: ((present: number) => number) | null;
  /** Network round-trip time between replica and Redis, in seconds. */
  readonly redisRtt: number;
  /** `exponential` is the assumption of the exact solution; `constant` is closer to one route of one server. */
  readonly service: 'exponential' | 'constant';
}

export type Load =
  /** Users send again `think` seconds (exponential) after a response. `bound`: each user stays with one replica. */
  | { readonly kind: 'closed'; readonly users: number; readonly think: number; readonly routing: 'bound' | 'random' }
  /** Poisson arrivals, each to a replica at random. */
  | { readonly kind: 'open'; readonly arrivalRate: number };

export interface SimulationOptions {
  readonly seed: number;
  /** Number of counted requests, after a tenth as many that are not counted; default 100,000. */
  readonly requests?: number;
}

export interface Simulated {
  /** Completions per second. */
  readonly throughput: number;
  /** Mean response time, seconds. */
  readonly response: number;
  /** The q quantile of response time, seconds. */
  readonly quantile: (q: number) => number;
  /** Share of time with at least one request; the mean over replicas. */
  readonly replicaUtilisation: number;
  readonly redisUtilisation: number;
}

interface Request {
  readonly replica: number;
  readonly sentAt: number;
  /** 0 and 2 on the replica, 1 at Redis. */
  stage: 0 | 1 | 2;
}

/** With more requests present than this, an open load exceeds the capacity of the fleet. */
const OVERLOADED = 200_000;

export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/** @throws {SimulationError} if an open load exceeds the capacity of the fleet */
export function simulate(fleet: FleetNetwork, load: Load, { seed, requests = 100_000 }: SimulationOptions): Simulated {
  return new Simulation(fleet, load, createRandom(seed), requests).run();
}

class Simulation {
  readonly #fleet: FleetNetwork;
  readonly #load: Load;
  readonly #random: Random;
  readonly #wanted: number;
  readonly #replicas: SimulatedStation<Request>[];
  readonly #redis: SimulatedStation<Request> | null;
  /** Events that only take time: thinking, the network, the next arrival. */
  readonly #timers = new EventQueue<() => void>();
  /** When each station finishes its next request; an entry that differs from the station's own time is stale. */
  readonly #due = new EventQueue<SimulatedStation<Request>>();
  readonly #times: Float64Array;
  readonly #warmUp: number;
  #now = 0;
  #answered = 0;
  #countedFrom = 0;
  #inside = 0;

  constructor(fleet: FleetNetwork, load: Load, random: Random, wanted: number) {
    this.#fleet = fleet;
    this.#load = load;
    this.#random = random;
    this.#wanted = wanted;
    this.#warmUp = Math.ceil(wanted / 10);
    this.#times = new Float64Array(wanted);
    const { discipline, redisRate } = fleet;
    this.#replicas = Array.from(
      { length: fleet.replicas },
      () => new SimulatedStation<Request>({ discipline, servers: 1, speed: () => 1 }),
    );
    this.#redis =
      redisRate === null ? null : new SimulatedStation<Request>({ discipline: 'fifo', servers: 1, speed: redisRate });
  }

  run(): Simulated {
    this.#start();
    while (this.#answered < this.#warmUp + this.#wanted) this.#step();
    const seconds = this.#now - this.#countedFrom;
    const busy = this.#replicas.reduce((sum, replica) => sum + replica.takeTotals(this.#now).busy, 0);
    const sorted = this.#times.sort();
    return {
      throughput: this.#wanted / seconds,
      response: sorted.reduce((sum, time) => sum + time, 0) / this.#wanted,
      quantile: (q) => sorted[Math.min(this.#wanted - 1, Math.floor(q * this.#wanted))] ?? Number.NaN,
      replicaUtilisation: busy / seconds / this.#fleet.replicas,
      redisUtilisation: (this.#redis?.takeTotals(this.#now).busy ?? 0) / seconds,
    };
  }

  #start(): void {
    if (this.#load.kind === 'open') {
      this.#nextArrival(this.#load.arrivalRate);
      return;
    }
    for (let user = 0; user < this.#load.users; user++) this.#send(user % this.#fleet.replicas);
  }

  #step(): void {
    // An entry is stale if a later arrival or completion changed the station's time.
    if (this.#timers.nextTime <= this.#due.nextTime) {
      this.#now = this.#timers.nextTime;
      this.#timers.pop()?.();
      return;
    }
    const time = this.#due.nextTime;
    const station = this.#due.pop();
    if (station === undefined || station.nextDone !== time) return;
    this.#now = time;
    const request = station.finish(time);
    this.#schedule(station);
    if (request !== undefined) this.#onward(request);
  }

  #schedule(station: SimulatedStation<Request>): void {
    const time = station.nextDone;
    if (Number.isFinite(time)) this.#due.push(time, station);
  }

  #enter(station: SimulatedStation<Request> | undefined | null, request: Request, work: number): void {
    if (!station) return;
    station.arrive(this.#now, request, work);
    this.#schedule(station);
  }

  #work(mean: number): number {
    return this.#fleet.service === 'constant' ? mean : mean * this.#random.exponential();
  }

  #send(replica: number): void {
    if (++this.#inside > OVERLOADED) {
      throw new SimulationError('requests come faster than this fleet can ever answer them; lower the rate');
    }
    const request: Request = { replica, sentAt: this.#now, stage: 0 };
    const { replicaDemand } = this.#fleet;
    this.#enter(this.#replicas[replica], request, this.#work(this.#redis ? replicaDemand / 2 : replicaDemand));
  }

  #onward(request: Request): void {
    const { replicaDemand, redisRtt } = this.#fleet;
    if (request.stage === 2 || this.#redis === null) {
      this.#answer(request);
    } else if (request.stage === 0) {
      request.stage = 1;
      this.#after(redisRtt / 2, () => this.#enter(this.#redis, request, this.#work(1)));
    } else {
      request.stage = 2;
      const replica = this.#replicas[request.replica];
      this.#after(redisRtt / 2, () => this.#enter(replica, request, this.#work(replicaDemand / 2)));
    }
  }

  #answer(request: Request): void {
    this.#inside--;
    const index = this.#answered++ - this.#warmUp;
    if (index >= 0) this.#times[index] = this.#now - request.sentAt;
    if (index === -1) {
      this.#countedFrom = this.#now;
      for (const station of [...this.#replicas, ...(this.#redis ? [this.#redis] : [])]) {
        station.takeTotals(this.#now);
        // Recomputed at another moment, its next completion may differ in the last digit, which makes the existing
        // entry stale.
        this.#schedule(station);
      }
    }
    if (this.#load.kind === 'open') return;
    const next = this.#load.routing === 'bound' ? request.replica : this.#random.integer(this.#fleet.replicas);
    this.#after(this.#load.think * this.#random.exponential(), () => this.#send(next));
  }

  #nextArrival(rate: number): void {
    this.#after(this.#random.exponential() / rate, () => {
      this.#nextArrival(rate);
      this.#send(this.#random.integer(this.#fleet.replicas));
    });
  }

  #after(seconds: number, action: () => void): void {
    if (seconds <= 0) action();
    else this.#timers.push(this.#now + seconds, action);
  }
}
