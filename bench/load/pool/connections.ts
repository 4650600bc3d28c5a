/** Connections of a pool: they stay open, send one request after another while started, and nothing while paused. */
import autocannon from 'autocannon';
import { cannonFor } from '../closed/cannon.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { isAsExpected, type ReadyRequest, toReadyRequest } from '../connection/ready-request.ts';
import type { Target } from '../protocol.ts';

export interface PooledConnection {
  /** Index of the address that it goes to. */
  readonly address: number;
  /** Whether a response is pending. */
  readonly busy: boolean;
  start(): void;
  /** Takes effect after the pending response, if any. */
  pause(): void;
}

/** Receives every response. */
export interface Listener {
  answered(status: number, asExpected: boolean, requestBytes: number, responseBytes: number): void;
  failed(): void;
}

export interface PooledConnections {
  readonly connections: readonly PooledConnection[];
  /** No connection is reopened after this has resolved. */
  close(): Promise<void>;
}

/** No response ever times out: a connection that waits for one is busy, and its request does not count as answered. */
const TIMEOUT_SECONDS = 24 * 3600;

/**
 * A client of autocannon is paused by its own rate limit: with the limit of this second used up, it stops before its next
 * request and marks itself as paused. The types do not have these fields; the version is pinned, and a test checks this.
 */
interface Client extends autocannon.Client {
  rate: number | undefined;
  reqsMadeThisSecond: number;
  paused: boolean | undefined;
  _doRequest(): void;
}

class CannonConnection implements PooledConnection {
  readonly address: number;
  readonly #client: Client;

  constructor(client: Client, address: number) {
    this.#client = client;
    this.address = address;
  }

  get busy(): boolean {
    return this.#client.paused !== true;
  }

  start(): void {
    this.#client.rate = undefined;
    if (!this.busy) {
      this.#client.paused = false;
      this.#client._doRequest();
    }
  }

  pause(): void {
    this.#client.rate = 1;
    this.#client.reqsMadeThisSecond = 1;
  }
}

/**
 * Autocannon's clients. Each sends one request when it has connected, and pauses. @throws ConnectionError if no
 * server listens: the clients would retry forever
 */
export async function cannonConnections(target: Target, count: number, listener: Listener): Promise<PooledConnections> {
  const { addresses } = target;
  for (const address of addresses) (await Connection.open(address)).close();
  const clients: Client[] = [];
  const { settings, expectedStatus, meanRequestBytes } = cannonFor(
    target,
    { connections: count, timeout: TIMEOUT_SECONDS, duration: TIMEOUT_SECONDS },
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
    listener.answered(Number(status), Number(status) === expectedStatus, meanRequestBytes, bytes),
  );
  instance.on('reqError', () => listener.failed());
  const connections = clients.map((client, i) => new CannonConnection(client, i % addresses.length));
  for (const connection of connections) connection.pause();
  const close = () => {
    instance.stop();
    return end;
  };
  return { connections, close };
}

interface Sequence {
  /** Index of the address. */
  readonly address: number;
  readonly to: Address;
  readonly requests: readonly ReadyRequest[];
  /** Index of the first request: users should not send in lockstep. */
  readonly first: number;
}

/** A user with a sequence of different requests. */
class SequenceConnection implements PooledConnection {
  readonly address: number;
  readonly #to: Address;
  readonly #requests: readonly ReadyRequest[];
  readonly #listener: Listener;
  #connection: Connection;
  #next: number;
  #started = false;
  #busy = false;
  #closed = false;

  constructor(connection: Connection, { address, to, requests, first }: Sequence, listener: Listener) {
    this.#connection = connection;
    this.address = address;
    this.#to = to;
    this.#requests = requests;
    this.#next = first;
    this.#listener = listener;
  }

  get busy(): boolean {
    return this.#busy;
  }

  start(): void {
    this.#started = true;
    if (!this.#busy) this.#send();
  }

  pause(): void {
    this.#started = false;
  }

  close(): void {
    this.#started = false;
    this.#closed = true;
    this.#connection.close();
  }

  #send(): void {
    this.#busy = this.#started;
    if (!this.#started) return;
    if (this.#connection.closed) {
      this.#reopen();
      return;
    }
    const request = this.#requests[this.#next++ % this.#requests.length] as ReadyRequest; // never empty
    this.#connection.send(request.bytes.next(), (_error, response) => {
      if (response) {
        const expected = isAsExpected(request, response);
        this.#listener.answered(response.status, expected, request.bytes.length, response.bytes);
      } else {
        this.#listener.failed();
        // It is broken, although that may not have been detected yet.
        this.#connection.close();
      }
      this.#send();
    });
  }

  #reopen(): void {
    Connection.open(this.#to).then(
      (connection) => {
        this.#connection = connection;
        if (this.#closed) connection.close();
        else this.#send();
      },
      () => {
        this.#listener.failed();
        this.#busy = false;
      },
    );
  }
}

/**
 * Users with a sequence of requests each: the target's requests, split into sequences of that length. Addresses and
 * users are assigned as for autocannon's clients. @throws ConnectionError
 */
export async function sequenceConnections(
  target: Target,
  count: number,
  sequence: number,
  listener: Listener,
): Promise<PooledConnections> {
  const { addresses, requests, key } = target;
  const users = Math.floor(requests.length / sequence);
  if (users === 0) throw new Error(`target ${key} has fewer requests than one sequence`);
  const opened = await Promise.allSettled(
    Array.from({ length: count }, async (_, i) => {
      const address = i % addresses.length;
      const to = addresses[address] as Address;
      const user = Math.floor(i / addresses.length) % users;
      const own = requests.slice(user * sequence, (user + 1) * sequence).map((request) => toReadyRequest(to, request));
      return new SequenceConnection(await Connection.open(to), { address, to, requests: own, first: i }, listener);
    }),
  );
  const connections = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = () => {
    for (const connection of connections) connection.close();
  };
  const failed = opened.find((each) => each.status === 'rejected');
  if (failed) {
    close();
    throw failed.reason;
  }
  return { connections, close: async () => close() };
}
