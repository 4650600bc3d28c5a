/**
 * Paired load: the source of every CPU toll. Connections to every target stay open. A round sends turns of batches to
 * each target in random order, and waits for the responses of each batch before continuing. So targets see the same
 * machine within milliseconds of each other. Its drift, a factor of two within seconds on small machines, cancels in
 * the ratio.
 */
import type { Random } from '../../../core/stats/random.ts';
import { Connection, ConnectionError } from '../connection/connection.ts';
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
  connection: Connection;
  readonly prepared: PreparedRequest;
  readonly request: ReadyRequest;
}

interface OpenTarget {
  readonly target: Target;
  readonly connections: OpenConnection[];
}

async function openConnection(target: Target, index: number, prepared: PreparedRequest): Promise<OpenConnection> {
  const address = target.addresses[index % target.addresses.length];
  if (address === undefined) throw new Error(`target ${target.key} has no address`);
  return { connection: await Connection.open(address), prepared, request: toReadyRequest(address, prepared) };
}

/** One request on each of the first `size` connections; resolves when all are answered or failed. */
function batch(connections: readonly OpenConnection[], size: number, counts: Counts): Promise<void> {
  return new Promise((resolve) => {
    const startNs = process.hrtime.bigint();
    let waiting = Math.min(size, connections.length);
    const finish = () => {
      if (--waiting > 0) return;
      counts.busyNs += Number(process.hrtime.bigint() - startNs);
      resolve();
    };
    for (let i = 0; i < size && i < connections.length; i++) {
      const { connection, request } = connections[i] as OpenConnection;
      connection.send(request.bytes.next(), (_error, response) => {
        if (response) {
          counts.answered(response.status, isAsExpected(request, response), request.bytes.length, response.bytes);
        } else counts.failed++;
        finish();
      });
    }
  });
}

const hasClosed = ({ connections }: OpenTarget, count: number) =>
  connections.some(({ connection }, i) => i < count && connection.closed);

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
      opened.push({ target, connections: opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])) });
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
    for (const open of chosen) await this.#reopen(open, open.connections.length);
    const participants = chosen.map((open) => ({
      key: open.target.key,
      processes: open.target.processes,
      reopen: () => (hasClosed(open, inFlight) ? () => this.#replaceIdle(open, inFlight) : null),
      prepare: (requests: number) => {
        const each = Math.ceil(requests / inFlight);
        for (const { request } of open.connections.slice(0, inFlight)) request.bytes.stock(each);
      },
      turn: async (counts: Counts, requests: number) => {
        for (let sent = 0; sent < requests; sent += inFlight) await batch(open.connections, inFlight, counts);
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
    const address = target.addresses[index % target.addresses.length];
    const request = connections[index % connections.length]?.request;
    if (!address || !request) throw new Error(`target ${target.key} has no address or no request`);
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
   * A server may close an idle connection at any time (RFC 9112 §9.5), which is no failure. If it accepts no new
   * connections, the old ones stay closed, and their requests count as failed. @returns whether all are open
   */
  async #replaceIdle(open: OpenTarget, count: number): Promise<boolean> {
    try {
      await this.#reopen(open, count);
      return true;
    } catch (error) {
      if (error instanceof ConnectionError) return false;
      throw error;
    }
  }

  /** Replaces each closed one of the first `count` connections. @throws ConnectionError */
  async #reopen({ target, connections }: OpenTarget, count: number): Promise<void> {
    for (const [i, { connection, prepared }] of connections.slice(0, count).entries()) {
      if (connection.closed) connections[i] = await openConnection(target, i, prepared);
    }
  }
}
