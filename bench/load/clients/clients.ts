/**
 * Clients that log in, refresh and log out. Their requests cannot be prepared, since each needs data from an earlier
 * response. A login creates a client session; a refresh replaces it, and a logout ends it.
 */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Random } from '../../../core/stats/random.ts';
import { ROUTES } from '../../../servers/contract.ts';
import { type Address, Connection, ConnectionError } from '../connection/connection.ts';
import type { Renewable } from '../connection/renewable.ts';
import { renewableRequest, requestBytes } from '../connection/request.ts';
import type { Response } from '../connection/response.ts';
import { LoadAccount } from '../load-account.ts';
import { takeTurns } from '../paired/turns.ts';
import type { ClientOperation, ClientTarget, LoadOptions } from '../protocol.ts';
import type { Storm, Tally } from '../replies.ts';
import { Counts, SelfMeter } from '../tally.ts';
import { type Grant, grantOf, loginRequest, proofKeyFor } from './credential.ts';
import { Probe } from './probe.ts';

/** A request, and the interpretation of its response. */
interface ClientRequest {
  readonly bytes: Buffer;
  /** Stores the client session of the response. @returns whether the response matches the contract */
  readonly accept: (response: Response) => boolean;
}

/** The login of one user, who uses one key for all sessions if tokens are bound to a key. */
interface Login {
  readonly bytes: Renewable;
  readonly proofKey: string | undefined;
}

/** The clients of one target. */
class ClientGroup {
  readonly target: ClientTarget;
  readonly #address: Address;
  readonly #logins: readonly Login[];
  #connections: Connection[] = [];
  /** False once the server accepted no connection: it is then not tried again in these turns. */
  #takesConnections = true;
  /** The oldest first. */
  readonly #sessions: Grant[] = [];
  /** The requests of the next batches, in order. */
  #prepared: ClientRequest[] = [];
  #next = 0;

  constructor(target: ClientTarget) {
    this.target = target;
    const [address] = target.addresses;
    if (!address) throw new Error(`target ${target.key} has no address`);
    this.#address = address;
    this.#logins = target.users.map((user) => {
      const proofKey = proofKeyFor(target);
      return { bytes: renewableRequest(address, loginRequest(user, proofKey)), proofKey };
    });
  }

  /** Opens as many connections as will be used at once, and reopens broken ones. */
  async connect(connections: number): Promise<void> {
    this.#connections = this.#connections.filter(({ closed }) => !closed);
    while (this.#connections.length < connections) this.#connections.push(await Connection.open(this.#address));
    this.#takesConnections = true;
  }

  /** Prepares the requests of the next batches, as far as there are sessions for them: creating a proof takes time. */
  prepare(operation: ClientOperation, requests: number): void {
    this.#prepared = Array.from({ length: requests }, () => this.#request(operation)).filter((each) => each !== null);
  }

  /** Whether the server closed a connection, as it may with idle ones (RFC 9112 §9.5), and accepts others. */
  canReopen(): boolean {
    return this.#takesConnections && this.#connections.some(({ closed }) => closed);
  }

  /** A connection that cannot be opened stays closed, and its requests count as failed. */
  async reopen(): Promise<void> {
    try {
      for (const [i, { closed }] of this.#connections.entries()) {
        if (closed) this.#connections[i] = await Connection.open(this.#address);
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#takesConnections = false;
    }
  }

  /** One request on each of `size` connections; fewer if no session is left to refresh or end. */
  async batch(operation: ClientOperation, size: number, counts: Counts): Promise<void> {
    const startNs = process.hrtime.bigint();
    const next = () => this.#prepared.shift() ?? this.#request(operation);
    const requests = Array.from({ length: size }, next).filter((each) => each !== null);
    await Promise.all(requests.map((request, i) => this.#send(this.#connections[i], request, counts)));
    counts.busyNs += Number(process.hrtime.bigint() - startNs);
  }

  /** Logs in on every connection repeatedly until the time is over. */
  async storm(untilMs: number, counts: Counts, latency: LatencyHistogram): Promise<void> {
    const drive = async (connection: Connection) => {
      while (performance.now() < untilMs && !connection.closed) {
        const request = this.#request('login');
        if (request === null) return;
        const start = performance.now();
        await this.#send(connection, request, counts);
        latency.record(Math.round((performance.now() - start) * 1000));
      }
    };
    await Promise.all(this.#connections.map(drive));
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #request(operation: ClientOperation): ClientRequest | null {
    if (operation === 'login') {
      const login = this.#logins[this.#next++ % this.#logins.length];
      if (login === undefined) return null;
      return { bytes: login.bytes.next(), accept: (response) => this.#keep(response, login.proofKey) };
    }
    const grant = this.#sessions.shift();
    if (grant === undefined) return null;
    if (operation === 'refresh') {
      if (grant.refreshToken === null) return null;
      const spec = { ...ROUTES.refresh, body: { refreshToken: grant.refreshToken } };
      return { bytes: requestBytes(this.#address, spec), accept: (response) => this.#keep(response, undefined) };
    }
    const headers = { ...grant.headers, ...grant.stateChangeHeaders };
    return {
      bytes: requestBytes(this.#address, { ...ROUTES.logout, headers }),
      accept: ({ status }) => status === 204,
    };
  }

  #keep(response: Response, proofKey: string | undefined): boolean {
    const grant = grantOf(response, proofKey);
    if (grant === null) return false;
    this.#sessions.push(grant);
    return true;
  }

  #send(connection: Connection | undefined, { bytes, accept }: ClientRequest, counts: Counts): Promise<void> {
    if (connection === undefined) throw new Error('more requests than connections');
    return new Promise((resolve) => {
      connection.send(bytes, (_error, response) => {
        if (response) counts.answered(response.status, accept(response), bytes.length, response.bytes);
        else counts.failed++;
        resolve();
      });
    });
  }
}

export class Clients {
  readonly #groups: readonly ClientGroup[];

  constructor(targets: readonly ClientTarget[]) {
    this.#groups = targets.map((target) => new ClientGroup(target));
  }

  /** Turns of several batches of one operation. @throws ConnectionError if a target cannot be reached */
  async operate(options: Omit<LoadOptions<'operate'>, 'seed'>, random: Random): Promise<Tally[]> {
    const { operation, rounds, batches, inFlight, keys } = options;
    const chosen = this.#groups.filter(({ target }) => keys === null || keys.includes(target.key));
    await Promise.all(chosen.map((group) => group.connect(inFlight)));
    const participants = chosen.map((group) => ({
      key: group.target.key,
      processes: group.target.processes,
      reopen: () => (group.canReopen() ? () => group.reopen() : null),
      prepare: () => group.prepare(operation, batches * inFlight),
      turn: async (counts: Counts) => {
        for (let i = 0; i < batches; i++) await group.batch(operation, inFlight, counts);
      },
    }));
    return takeTurns(participants, { rounds }, random);
  }

  /** As many logins as one target can serve with `inFlight` at a time, with the probe running alongside. */
  async storm({ key, inFlight, durationMs, probe, probesPerSecond }: LoadOptions<'storm'>): Promise<Storm> {
    const group = this.#groups.find(({ target }) => target.key === key);
    const address = group?.target.addresses[0];
    if (!group || !address) throw new Error(`no clients of ${key} are registered`);
    const { processes } = group.target;
    await group.connect(inFlight);
    const logins = new Counts();
    const latency = LatencyHistogram.empty();
    const stream = new Probe(address, probe);
    const account = await LoadAccount.begin(processes);
    const self = new SelfMeter();
    const fromMs = performance.now();
    const untilMs = performance.now() + durationMs;
    try {
      await Promise.all([
        inFlight === 0 ? null : group.storm(untilMs, logins, latency),
        stream.run(untilMs, probesPerSecond),
      ]);
      const window = { fromMs, toMs: performance.now(), self: self.read() };
      // Every request is in the window, and the CPU time in both tallies is that of the whole storm.
      return {
        logins: await account.tally(key, { ...window, counts: logins }, logins.requests),
        loginLatency: latency.encode(),
        probes: await account.tally(key, { ...window, counts: stream.counts }, stream.counts.requests),
        probeLatency: stream.latency.encode(),
      };
    } finally {
      account.close();
    }
  }

  close(): void {
    for (const group of this.#groups) group.close();
  }
}
