/**
 * Lanes of a load that is kept: connections which stay open, each of which sends one request after the other while it is
 * told to go, and nothing while it rests.
 */
import autocannon from 'autocannon';
import { cannonFor } from '../closed/cannon.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { isAsExpected, type Step, stepOf } from '../connection/step.ts';
import type { Target } from '../protocol.ts';

export interface Lane {
  /** Index of the address that it goes to. */
  readonly address: number;
  /** Whether an answer is still to come. */
  readonly busy: boolean;
  go(): void;
  /** After the answer that is still to come, if any. */
  rest(): void;
}

/** What lanes tell of each answer. */
export interface Watcher {
  answered(status: number, asExpected: boolean, requestBytes: number, responseBytes: number): void;
  failed(): void;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** Once it has, none is opened again. */
  close(): Promise<void>;
}

/** No answer is ever given up: a lane that waits for one is busy, and its requests are simply not among the answered. */
const TIMEOUT_SECONDS = 24 * 3600;

/**
 * What rests a client of autocannon: its own limit by rate. With the limit of this second used up it stops before its next
 * request and notes that it did. The types do not know of it; the version is pinned, and a test holds it to this.
 */
interface Client extends autocannon.Client {
  rate: number | undefined;
  reqsMadeThisSecond: number;
  paused: boolean | undefined;
  _doRequest(): void;
}

class CannonLane implements Lane {
  readonly address: number;
  readonly #client: Client;

  constructor(client: Client, address: number) {
    this.#client = client;
    this.address = address;
  }

  get busy(): boolean {
    return this.#client.paused !== true;
  }

  go(): void {
    this.#client.rate = undefined;
    if (!this.busy) {
      this.#client.paused = false;
      this.#client._doRequest();
    }
  }

  rest(): void {
    this.#client.rate = 1;
    this.#client.reqsMadeThisSecond = 1;
  }
}

/**
 * Autocannon's clients. Each sends one request when it has connected, and rests.
 * @throws ConnectionError where nobody listens: they would try again for ever
 */
export async function cannonLanes(target: Target, connections: number, watcher: Watcher): Promise<Lanes> {
  const { addresses } = target;
  for (const address of addresses) (await Connection.open(address)).close();
  const clients: Client[] = [];
  const { settings, expectedStatus, meanRequestBytes } = cannonFor(
    target,
    { connections, timeout: TIMEOUT_SECONDS, duration: TIMEOUT_SECONDS },
    (client) => clients.push(client as Client),
  );
  let refusal: unknown = null;
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const instance = autocannon(settings, (error: unknown) => {
    refusal = error;
    ended();
  });
  if (refusal) throw refusal;
  instance.on('response', (_client: unknown, status: number, bytes: number) =>
    watcher.answered(Number(status), Number(status) === expectedStatus, meanRequestBytes, bytes),
  );
  instance.on('reqError', () => watcher.failed());
  const lanes = clients.map((client, i) => new CannonLane(client, i % addresses.length));
  for (const lane of lanes) lane.rest();
  const close = () => {
    instance.stop();
    return end;
  };
  return { lanes, close };
}

/** A user whose requests differ from one to the next. */
class SequenceLane implements Lane {
  readonly address: number;
  readonly #to: Address;
  readonly #steps: readonly Step[];
  readonly #watcher: Watcher;
  #link: Connection;
  #turn: number;
  #going = false;
  #busy = false;
  #closed = false;

  constructor(link: Connection, to: Address, address: number, steps: readonly Step[], turn: number, watcher: Watcher) {
    this.#link = link;
    this.#to = to;
    this.address = address;
    this.#steps = steps;
    this.#turn = turn;
    this.#watcher = watcher;
  }

  get busy(): boolean {
    return this.#busy;
  }

  go(): void {
    this.#going = true;
    if (!this.#busy) this.#next();
  }

  rest(): void {
    this.#going = false;
  }

  close(): void {
    this.#going = false;
    this.#closed = true;
    this.#link.close();
  }

  #next(): void {
    this.#busy = this.#going;
    if (!this.#going) return;
    if (this.#link.closed) {
      this.#reopen();
      return;
    }
    const step = this.#steps[this.#turn++ % this.#steps.length] as Step; // never empty
    this.#link.send(step.bytes, (_error, response) => {
      if (response) {
        this.#watcher.answered(response.status, isAsExpected(step, response), step.bytes.length, response.bytes);
      } else {
        this.#watcher.failed();
        // Broken, though it may not know yet.
        this.#link.close();
      }
      this.#next();
    });
  }

  #reopen(): void {
    Connection.open(this.#to).then(
      (link) => {
        this.#link = link;
        if (this.#closed) link.close();
        else this.#next();
      },
      () => {
        this.#watcher.failed();
        this.#busy = false;
      },
    );
  }
}

/**
 * Users of whom each has a sequence of requests: the target's requests, cut into pieces of that length. Which address and
 * which user a connection has, is as with autocannon's. @throws ConnectionError
 */
export async function sequenceLanes(
  target: Target,
  connections: number,
  sequence: number,
  watcher: Watcher,
): Promise<Lanes> {
  const { addresses, requests, key } = target;
  const users = Math.floor(requests.length / sequence);
  if (users === 0) throw new Error(`target ${key} has fewer requests than one sequence`);
  const opened = await Promise.allSettled(
    Array.from({ length: connections }, async (_, i) => {
      const to = addresses[i % addresses.length] as Address;
      const user = Math.floor(i / addresses.length) % users;
      const steps = requests.slice(user * sequence, (user + 1) * sequence).map((request) => stepOf(to, request));
      // Not in step with each other.
      return new SequenceLane(await Connection.open(to), to, i % addresses.length, steps, i, watcher);
    }),
  );
  const lanes = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (failed) {
    for (const lane of lanes) lane.close();
    throw failed.reason;
  }
  return {
    lanes,
    close: async () => {
      for (const lane of lanes) lane.close();
    },
  };
}
