/**
 * Paired load: the source of every CPU toll. Connections to every target stay open; a round sends one batch to each
 * target in a fresh random order and waits for all its answers before it goes on. Targets thus see the same machine
 * within milliseconds of each other, and its drift, a factor of two within seconds on small machines, cancels in the
 * ratio.
 */
import type { Random } from '../../../core/stats/random.ts';
import { Connection } from '../connection/connection.ts';
import { requestBytes } from '../connection/request.ts';
import type { Response } from '../connection/response.ts';
import type { PreparedRequest, Tally, Target } from '../protocol.ts';
import type { Counts } from '../tally.ts';
import { takeTurns } from './turns.ts';

const CONNECT_TIMEOUT_MS = 5_000;

interface Lane {
  connection: Connection;
  readonly bytes: Buffer;
  readonly request: PreparedRequest;
  readonly expectedBody: Buffer | null;
}

interface OpenTarget {
  readonly target: Target;
  readonly lanes: Lane[];
}

function asExpected(lane: Lane, response: Response): boolean {
  return (
    response.status === lane.request.expectedStatus &&
    (lane.expectedBody === null || lane.expectedBody.equals(response.body))
  );
}

async function openLane(target: Target, index: number, request: PreparedRequest): Promise<Lane> {
  const address = target.addresses[index % target.addresses.length];
  if (address === undefined) throw new Error(`target ${target.key} has no address`);
  return {
    connection: await Connection.open(address),
    bytes: requestBytes(address, request),
    request,
    expectedBody: request.expectedBody === null ? null : Buffer.from(request.expectedBody),
  };
}

/** One request on each of the first `size` lanes; resolves when all are answered or failed. */
function batch(lanes: readonly Lane[], size: number, counts: Counts): Promise<void> {
  return new Promise((resolve) => {
    const startNs = process.hrtime.bigint();
    let waiting = Math.min(size, lanes.length);
    const finish = () => {
      if (--waiting > 0) return;
      counts.busyNs += Number(process.hrtime.bigint() - startNs);
      resolve();
    };
    for (let i = 0; i < size && i < lanes.length; i++) {
      const lane = lanes[i] as Lane;
      lane.connection.send(lane.bytes, (_error, response) => {
        if (response) counts.answered(response.status, asExpected(lane, response), lane.bytes.length, response.bytes);
        else counts.failed++;
        finish();
      });
    }
  });
}

export class PairedLoad {
  readonly #targets: readonly OpenTarget[];
  /** The last TLS session that each target gave. */
  readonly #sessions = new Map<string, Buffer>();

  private constructor(targets: readonly OpenTarget[]) {
    this.#targets = targets;
  }

  /** Opens one connection for each request of each target. @throws ConnectionError */
  static async open(targets: readonly Target[]): Promise<PairedLoad> {
    const opened: OpenTarget[] = [];
    for (const target of targets) {
      const lanes = await Promise.all(target.requests.map((request, i) => openLane(target, i, request)));
      opened.push({ target, lanes });
    }
    return new PairedLoad(opened);
  }

  /**
   * @param rounds turns of each target
   * @param batches of one turn: the first finds the caches full of the other targets' data, the rest do not
   * @param inFlight requests of a batch
   * @param keys only these targets, or all
   * @returns one tally for each target, over exactly the same rounds
   */
  async block(
    rounds: number,
    batches: number,
    inFlight: number,
    random: Random,
    keys: readonly string[] | null,
  ): Promise<Tally[]> {
    const chosen = this.#targets.filter(({ target }) => keys === null || keys.includes(target.key));
    await this.#reopen(chosen);
    const parties = chosen.map(({ target, lanes }) => ({
      key: target.key,
      processes: target.processes,
      turn: async (counts: Counts) => {
        for (let i = 0; i < batches; i++) await batch(lanes, inFlight, counts);
      },
    }));
    return takeTurns(parties, rounds, random);
  }

  /**
   * New connections, one after the other: what opening one costs, TLS handshake included, is in the CPU time. The last TLS
   * session of each target is kept, to be resumed where that is asked for.
   */
  async connects(
    options: {
      readonly rounds: number;
      readonly connections: number;
      readonly resume: boolean;
      readonly keys: readonly string[] | null;
    },
    random: Random,
  ): Promise<Tally[]> {
    const { rounds, connections, resume, keys } = options;
    const chosen = this.#targets.filter(({ target }) => keys === null || keys.includes(target.key));
    const parties = chosen.map((open) => ({
      key: open.target.key,
      processes: open.target.processes,
      turn: async (counts: Counts) => {
        const startNs = process.hrtime.bigint();
        for (let i = 0; i < connections; i++) await this.#connectOnce(open, i, resume, counts);
        counts.busyNs += Number(process.hrtime.bigint() - startNs);
      },
    }));
    return takeTurns(parties, rounds, random);
  }

  async #connectOnce(open: OpenTarget, index: number, resume: boolean, counts: Counts): Promise<void> {
    const { target, lanes } = open;
    const address = target.addresses[index % target.addresses.length];
    const lane = lanes[index % lanes.length];
    if (!address || !lane) throw new Error(`target ${target.key} has no address or no request`);
    try {
      const session = resume ? (this.#sessions.get(target.key) ?? null) : null;
      const connection = await Connection.open(address, CONNECT_TIMEOUT_MS, session);
      try {
        const response = await connection.request(lane.bytes);
        counts.answered(response.status, asExpected(lane, response), lane.bytes.length, response.bytes);
        if (connection.session !== null) this.#sessions.set(target.key, connection.session);
      } finally {
        connection.close();
      }
    } catch {
      counts.failed++;
    }
  }

  /**
   * Brings every target to the state in which it is measured: code compiled and optimised, pools filled. All connections
   * are kept busy at once, which takes a fraction of the time that batches would.
   * @param keys only these targets, or all
   * @returns how many requests were answered, over all targets
   */
  async warmUp(requestsPerTarget: number, timeoutMs: number, keys: readonly string[] | null): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    const chosen = this.#targets.filter(({ target }) => keys === null || keys.includes(target.key));
    await this.#reopen(chosen);
    const answered = await Promise.all(
      chosen.map(({ lanes }) => {
        let left = requestsPerTarget;
        let count = 0;
        const drive = async (lane: Lane) => {
          while (left-- > 0 && performance.now() < deadline && !lane.connection.closed) {
            await new Promise<void>((resolve) => {
              lane.connection.send(lane.bytes, (_error, response) => {
                if (response) count++;
                resolve();
              });
            });
          }
        };
        return Promise.all(lanes.map(drive)).then(() => count);
      }),
    );
    return answered.reduce((sum, count) => sum + count, 0);
  }

  close(): void {
    for (const { lanes } of this.#targets) for (const lane of lanes) lane.connection.close();
  }

  /** A connection that broke was counted when it did; the next block starts with all of them. */
  async #reopen(targets: readonly OpenTarget[]): Promise<void> {
    for (const { target, lanes } of targets) {
      for (const [i, lane] of lanes.entries()) {
        if (lane.connection.closed) lanes[i] = await openLane(target, i, lane.request);
      }
    }
  }
}
