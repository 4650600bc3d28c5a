/**
 * Clients who log in, refresh and log out: requests that cannot be prepared, since each needs what an earlier answer gave.
 * What a login grants is held until a logout ends it; a refresh puts its successor in its place.
 */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Random } from '../../../core/stats/random.ts';
import { ROUTES } from '../../../servers/contract.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { requestBytes } from '../connection/request.ts';
import type { Response } from '../connection/response.ts';
import { takeTurns } from '../paired/turns.ts';
import type { ClientTarget, Operation, PreparedRequest, Tally } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';
import { type Grant, grantOf, loginBytes } from './credential.ts';
import { Probe } from './probe.ts';

/** A request, and what its answer means. */
interface Step {
  readonly bytes: Buffer;
  /** Keeps what the answer gave. @returns whether it is the answer that the contract promises */
  readonly take: (response: Response) => boolean;
}

class Party {
  readonly target: ClientTarget;
  readonly #address: Address;
  readonly #logins: readonly Buffer[];
  #lanes: Connection[] = [];
  /** Of clients who are logged in, the one longest so first. */
  #held: Grant[] = [];
  #next = 0;

  constructor(target: ClientTarget) {
    this.target = target;
    const [address] = target.addresses;
    if (!address) throw new Error(`target ${target.key} has no address`);
    this.#address = address;
    this.#logins = target.users.map((user) => loginBytes(address, user));
  }

  /** Opens as many connections as will be used at once, and again those that broke. */
  async connect(lanes: number): Promise<void> {
    this.#lanes = this.#lanes.filter((lane) => !lane.closed);
    while (this.#lanes.length < lanes) this.#lanes.push(await Connection.open(this.#address));
  }

  /** One request on each of so many connections; fewer where nobody is left to refresh or log out. */
  async batch(operation: Operation, size: number, counts: Counts): Promise<void> {
    const startNs = process.hrtime.bigint();
    const steps = Array.from({ length: size }, () => this.#step(operation)).filter((step) => step !== null);
    await Promise.all(steps.map((step, i) => this.#send(this.#lanes[i], step, counts)));
    counts.busyNs += Number(process.hrtime.bigint() - startNs);
  }

  /** Logs in on every connection, again and again, until the time is over. */
  async storm(untilMs: number, counts: Counts, latency: LatencyHistogram): Promise<void> {
    const drive = async (lane: Connection) => {
      while (performance.now() < untilMs && !lane.closed) {
        const step = this.#step('login');
        if (step === null) return;
        const start = performance.now();
        await this.#send(lane, step, counts);
        latency.record(Math.round((performance.now() - start) * 1000));
      }
    };
    await Promise.all(this.#lanes.map(drive));
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }

  #step(operation: Operation): Step | null {
    if (operation === 'login') {
      const bytes = this.#logins[this.#next++ % this.#logins.length];
      return bytes === undefined ? null : { bytes, take: (response) => this.#keep(response) };
    }
    const grant = this.#held.shift();
    if (grant === undefined) return null;
    if (operation === 'refresh') {
      if (grant.refreshToken === null) return null;
      const spec = { ...ROUTES.refresh, body: { refreshToken: grant.refreshToken } };
      return { bytes: requestBytes(this.#address, spec), take: (response) => this.#keep(response) };
    }
    const headers = { ...grant.headers, ...grant.stateChangeHeaders };
    return {
      bytes: requestBytes(this.#address, { ...ROUTES.logout, headers }),
      take: ({ status }) => status === 204,
    };
  }

  #keep(response: Response): boolean {
    const grant = grantOf(response);
    if (grant === null) return false;
    this.#held.push(grant);
    return true;
  }

  #send(lane: Connection | undefined, { bytes, take }: Step, counts: Counts): Promise<void> {
    if (lane === undefined) throw new Error('more requests than connections');
    return new Promise((resolve) => {
      lane.send(bytes, (_error, response) => {
        if (response) counts.answered(response.status, take(response), bytes.length, response.bytes);
        else counts.failed++;
        resolve();
      });
    });
  }
}

export interface OperateOptions {
  readonly operation: Operation;
  readonly rounds: number;
  readonly batches: number;
  readonly inFlight: number;
  readonly keys: readonly string[] | null;
}

export interface StormOptions {
  readonly key: string;
  readonly inFlight: number;
  readonly durationMs: number;
  readonly probe: PreparedRequest;
  readonly probesPerSecond: number;
}

/** Latencies are encoded histograms in µs. The CPU time in both tallies is that of the whole storm. */
export interface Storm {
  readonly logins: Tally;
  readonly loginLatency: string;
  readonly probes: Tally;
  readonly probeLatency: string;
}

export class Clients {
  readonly #parties: readonly Party[];

  constructor(targets: readonly ClientTarget[]) {
    this.#parties = targets.map((target) => new Party(target));
  }

  /** Turns of so many batches of one operation for each target. @throws ConnectionError where one cannot be reached */
  async operate(options: OperateOptions, random: Random): Promise<Tally[]> {
    const { operation, rounds, batches, inFlight, keys } = options;
    const chosen = this.#parties.filter(({ target }) => keys === null || keys.includes(target.key));
    await Promise.all(chosen.map((party) => party.connect(inFlight)));
    const parties = chosen.map((party) => ({
      key: party.target.key,
      processes: party.target.processes,
      turn: async (counts: Counts) => {
        for (let i = 0; i < batches; i++) await party.batch(operation, inFlight, counts);
      },
    }));
    return takeTurns(parties, rounds, random);
  }

  /** As many logins as one target bears, so many at once, and the probe beside them. */
  async storm({ key, inFlight, durationMs, probe, probesPerSecond }: StormOptions): Promise<Storm> {
    const party = this.#parties.find(({ target }) => target.key === key);
    const address = party?.target.addresses[0];
    if (!party || !address) throw new Error(`no clients of ${key} were enrolled`);
    const { processes } = party.target;
    await party.connect(inFlight);
    const logins = new Counts();
    const latency = LatencyHistogram.empty();
    const stream = new Probe(address, probe);
    const self = new SelfMeter();
    const before = readProcesses(processes);
    const untilMs = performance.now() + durationMs;
    await Promise.all([
      inFlight === 0 ? null : party.storm(untilMs, logins, latency),
      stream.run(untilMs, probesPerSecond),
    ]);
    const after = readProcesses(processes);
    const own = self.read();
    return {
      logins: tally(key, logins, before, after, own),
      loginLatency: latency.encode(),
      probes: tally(key, stream.counts, before, after, own),
      probeLatency: stream.latency.encode(),
    };
  }

  close(): void {
    for (const party of this.#parties) party.close();
  }
}
