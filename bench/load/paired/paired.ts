/**
 * Paired load: the source of every CPU toll. Connections to every target stay open. A round sends turns of batches to
 * each target in random order, and waits for the responses of each batch before continuing. So targets see the same
 * machine within milliseconds of each other. Its drift, a factor of two within seconds on small machines, cancels in
 * the ratio.
 */
import type { Random } from '../../../core/stats/random.ts';
import { type Address, Connection, ConnectionError } from '../connection/connection.ts';
import { isAsExpected, type ReadyRequest, toReadyRequest } from '../connection/ready-request.ts';
import type { LoadOptions, PreparedRequest, Target } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import type { Counts } from '../tally.ts';
import { takeTurns } from './turns.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Requests of a turn at ten in flight: a short and a long one each round. A process that gets the core finds the
 * caches full of other processes' data. Two lengths separate that cost per turn from the cost per request. Turns of
 * less than fifty requests deviate from the line; the laboratory notes in docs/method.md have the figures.
 */
export const TURN_LENGTHS = { short: 50, long: 300 } as const;
/** A turn has several batches, because the first one is atypical. */
const LEAST_BATCHES = 2;

/** Whole batches, the shortest turn first. A single target is always busy, so it has only long turns. */
export function usualLengths(inFlight: number, targets: number): number[] {
  const whole = (requests: number) => Math.ceil(requests / inFlight) * inFlight;
  const short = Math.max(whole(TURN_LENGTHS.short), LEAST_BATCHES * inFlight);
  const long = whole(short + TURN_LENGTHS.long - TURN_LENGTHS.short);
  return targets > 1 ? [short, long] : [long];
}

interface OpenConnection {
  readonly connection: Connection;
  readonly request: ReadyRequest;
  /** Requests on this connection so far. */
  sent: number;
}

interface OpenTarget {
  readonly target: Target;
  readonly connections: OpenConnection[];
  /** How many responses the server gives on a connection: Apache's default is 100. Infinite until it is known. */
  lasts: number;
  /** After how many responses the server last announced the end of a connection; 0 before it does. */
  ended: number;
  /** False once the server accepted no connection: it is then not tried again in this block. */
  takesConnections: boolean;
}

function addressOf({ key, addresses }: Target, index: number): Address {
  const address = addresses[index % addresses.length];
  if (address === undefined) throw new Error(`target ${key} has no address`);
  return address;
}

async function openConnection(target: Target, index: number, prepared: PreparedRequest): Promise<OpenConnection> {
  const address = addressOf(target, index);
  return { connection: await Connection.open(address), request: toReadyRequest(address, prepared), sent: 0 };
}

/** Learns from an expected response. A connection may end for another reason than a limit, so a limit is seen twice. */
function learnLimit(open: OpenTarget, sent: number, closes: boolean): void {
  if (sent > open.lasts) open.lasts = Number.POSITIVE_INFINITY;
  if (!closes) return;
  if (sent === open.ended) open.lasts = sent;
  open.ended = sent;
}

/** One request on each of the first `size` connections; resolves when all are answered or failed. */
function batch(open: OpenTarget, size: number, counts: Counts): Promise<void> {
  const { connections } = open;
  return new Promise((resolve) => {
    const startNs = process.hrtime.bigint();
    let waiting = Math.min(size, connections.length);
    const finish = () => {
      if (--waiting > 0) return;
      counts.busyNs += Number(process.hrtime.bigint() - startNs);
      resolve();
    };
    for (let i = 0; i < size && i < connections.length; i++) {
      const one = connections[i] as OpenConnection;
      const { connection, request } = one;
      one.sent++;
      connection.send(request.bytes.next(), (_error, response) => {
        if (response) {
          const isExpected = isAsExpected(request, response);
          counts.answered(response.status, isExpected, request.bytes.length, response.bytes);
          if (isExpected) learnLimit(open, one.sent, response.closes);
        } else counts.failed++;
        finish();
      });
    }
  });
}

/** Whether a connection is closed, or would be before it had carried this many more requests; with 0, only the first. */
const isWorn = ({ connection, sent }: OpenConnection, lasts: number, more: number) =>
  connection.closed || (more > 0 && sent > 0 && sent + more > lasts);

const canReplaceWorn = ({ connections, lasts, takesConnections }: OpenTarget, count: number, more = 0) =>
  takesConnections && connections.some((one, i) => i < count && isWorn(one, lasts, more));

export class PairedLoad {
  readonly #targets: readonly OpenTarget[];
  /** The last TLS session from each target. */
  readonly #sessions = new Map<string, Buffer>();

  private constructor(targets: readonly OpenTarget[]) {
    this.#targets = targets;
  }

  /** Opens one connection for each request of each target. @throws ConnectionError if one cannot be opened; the others are closed */
  static async open(targets: readonly Target[]): Promise<PairedLoad> {
    const opened: OpenTarget[] = [];
    for (const target of targets) {
      const opening = await Promise.allSettled(target.requests.map((request, i) => openConnection(target, i, request)));
      opened.push({
        target,
        connections: opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
        lasts: Number.POSITIVE_INFINITY,
        ended: 0,
        takesConnections: true,
      });
      const failed = opening.find((one) => one.status === 'rejected');
      if (failed === undefined) continue;
      new PairedLoad(opened).close();
      throw failed.reason;
    }
    return new PairedLoad(opened);
  }

  /** @returns one tally for each target, over exactly the same rounds */
  async block(options: Omit<LoadOptions<'paired'>, 'seed'>, random: Random): Promise<Tally[]> {
    const { rounds, inFlight, keys, batches, eachTurn, accounts = true } = options;
    const chosen = this.#chosen(keys);
    const usual = () => usualLengths(inFlight, chosen.length);
    const lengths = options.lengths ?? (batches === undefined ? usual() : [batches * inFlight]);
    for (const open of chosen) {
      await this.#reopen(open, open.connections.length);
      open.takesConnections = true;
    }
    const participants = chosen.map((open) => ({
      key: open.target.key,
      processes: open.target.processes,
      // Also those that would end within the turn, whose CPU time would then include opening others.
      reopen: (requests: number) => {
        const more = Math.ceil(requests / inFlight);
        return canReplaceWorn(open, inFlight, more) ? () => this.#replaceWorn(open, inFlight, more) : null;
      },
      prepare: (requests: number) => {
        const each = Math.ceil(requests / inFlight);
        for (const { request } of open.connections.slice(0, inFlight)) request.bytes.stock(each);
      },
      turn: async (counts: Counts, requests: number) => {
        for (let sent = 0; sent < requests; sent += inFlight) {
          if (sent > 0 && canReplaceWorn(open, inFlight)) await this.#replaceWorn(open, inFlight);
          await batch(open, inFlight, counts);
        }
      },
    }));
    return takeTurns(participants, { rounds, lengths, accounts, ...(eachTurn ? { eachTurn } : {}) }, random);
  }

  /**
   * New connections, one after another: the CPU time includes opening them, with the TLS handshake. The last TLS
   * session of each target is kept, for turns that resume one.
   */
  async connect(options: Omit<LoadOptions<'connect'>, 'seed'>, random: Random): Promise<Tally[]> {
    const { rounds, connections, resume, keys } = options;
    const participants = this.#chosen(keys).map((open) => ({
      key: open.target.key,
      processes: open.target.processes,
      prepare: () => {
        const { length } = open.connections;
        for (const [i, { request }] of open.connections.entries())
          request.bytes.stock(Math.ceil((connections - i) / length));
      },
      turn: async (counts: Counts) => {
        const startNs = process.hrtime.bigint();
        for (let i = 0; i < connections; i++) await this.#connectOnce(open, i, resume, counts);
        counts.busyNs += Number(process.hrtime.bigint() - startNs);
      },
    }));
    return takeTurns(participants, { rounds }, random);
  }

  async #connectOnce(open: OpenTarget, index: number, resume: boolean, counts: Counts): Promise<void> {
    const { target, connections } = open;
    const address = addressOf(target, index);
    const request = connections[index % connections.length]?.request;
    if (!request) throw new Error(`target ${target.key} has no request`);
    try {
      const session = resume ? (this.#sessions.get(target.key) ?? null) : null;
      const connection = await Connection.open(address, CONNECT_TIMEOUT_MS, session);
      try {
        const response = await connection.request(request.bytes.next());
        counts.answered(response.status, isAsExpected(request, response), request.bytes.length, response.bytes);
        if (connection.session !== null) this.#sessions.set(target.key, connection.session);
      } finally {
        connection.close();
      }
    } catch {
      counts.failed++;
    }
  }

  /** The targets with these keys; null for all. */
  chosen(keys: readonly string[] | null): Target[] {
    return this.#chosen(keys).map(({ target }) => target);
  }

  close(): void {
    for (const { connections } of this.#targets) for (const { connection } of connections) connection.close();
  }

  #chosen(keys: readonly string[] | null): OpenTarget[] {
    return this.#targets.filter(({ target }) => keys === null || keys.includes(target.key));
  }

  /**
   * A server may close an idle connection at any time, and any after a number of requests (RFC 9112 §9.5), which is no
   * failure. If it accepts no new connections, the old ones stay, and requests on closed ones count as failed.
   */
  async #replaceWorn(open: OpenTarget, count: number, more = 0): Promise<void> {
    try {
      await this.#reopen(open, count, more);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      open.takesConnections = false;
    }
  }

  /**
   * Replaces each of the first `count` connections that is closed, or would be within `more` requests. The new ones send
   * the same requests, with the proofs that were signed for them.
   * @throws ConnectionError
   */
  async #reopen({ target, connections, lasts }: OpenTarget, count: number, more = 0): Promise<void> {
    for (const [i, one] of connections.slice(0, count).entries()) {
      if (!isWorn(one, lasts, more)) continue;
      connections[i] = { ...one, connection: await Connection.open(addressOf(target, i)), sent: 0 };
      one.connection.close();
    }
  }
}
