/** One keep-alive connection that carries one request at a time. All of Tollgate's own load goes through it. */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { authorityOf } from './authority.ts';
import { connectFault, RESOLVING } from './lookup.ts';
import { ResponseReader } from './reader.ts';
import type { Response } from './response.ts';
import { trusting } from './trust.ts';
import { closedText, NOTHING_CAME, type Unfinished } from './unfinished.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** PEM. The connection then uses TLS and trusts this certificate alone. */
  readonly certificate?: string;
  /** True if the certificate is the server's own, so that its name is not checked. */
  readonly isPinned?: boolean;
}

/** Called once for each request. */
export type Done = (error: Error | null, response: Response | null) => void;

/**
 * The read buffer of every socket of the process. A fresh buffer for each read, the default of sockets, costs a sixth of a
 * request's CPU time here, and twice the pauses for garbage collection.
 */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

/** The receiver of a socket's bytes, set once it is known. */
interface Inbox {
  take: ((chunk: Buffer) => void) | null;
}

function readingInto(inbox: Inbox): OnReadOpts {
  return {
    buffer: READ,
    callback: (bytes) => {
      inbox.take?.(READ.subarray(0, bytes));
      return true;
    },
  };
}

/** The connection ended before the response was complete, or could not be opened. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The server ended the connection before the response was complete. */
export class ClosedError extends ConnectionError {
  readonly unfinished: Unfinished;

  constructor(unfinished: Unfinished, verb?: 'closed' | 'reset') {
    super(closedText(unfinished, verb));
    this.unfinished = unfinished;
  }
}

const copyOf = ({ status, head, body, bytes, closes }: Response): Response => ({
  status,
  head,
  body: Buffer.from(body),
  bytes,
  closes,
});

export class Connection {
  readonly #socket: Socket;
  #session: Buffer | null = null;
  readonly #reader = new ResponseReader();
  #done: Done | null = null;
  #closed = false;
  /** What had arrived when the server ended the connection. */
  #unfinished: Unfinished = NOTHING_CAME;

  private constructor(socket: Socket, inbox: Inbox) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('session', (session: Buffer) => {
      this.#session = session;
    });
    inbox.take = (chunk) => this.#onData(chunk);
    // The socket reports its end only while it is being read.
    socket.resume();
    socket.on('end', () => {
      this.#closed = true;
      this.#unfinished = this.#reader.unfinished;
      this.#finish(null, this.#reader.end());
    });
    socket.on('error', (error) => this.#finish(new ConnectionError(error.message), null));
    socket.on('close', () => {
      this.#closed = true;
      this.#finish(new ClosedError(this.#unfinished), null);
    });
  }

  /**
   * @param session of an earlier connection, to resume over TLS instead of a full handshake @throws ConnectionError
   * if nothing listens there, its certificate is another, or `timeoutMs` passes
   */
  static open(address: Address, timeoutMs = 5000, session: Buffer | null = null): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const { host, port, certificate, isPinned = false } = address;
      const inbox: Inbox = { take: null };
      const plain = { host, port, ...RESOLVING, onread: readingInto(inbox) };
      const socket: Socket | TLSSocket =
        certificate === undefined
          ? connect({ ...plain, noDelay: true })
          : connectTls({
              ...plain,
              ...trusting({ certificate, isPinned }),
              ...(session === null ? {} : { session }),
            });
      const fail = (error: Error) => {
        socket.destroy();
        reject(new ConnectionError(`cannot connect to ${authorityOf(address)}: ${connectFault(error)}`));
      };
      socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
      socket.once('error', fail);
      socket.once(certificate === undefined ? 'connect' : 'secureConnect', () => {
        socket.off('error', fail);
        socket.setTimeout(0);
        socket.removeAllListeners('timeout');
        resolve(new Connection(socket, inbox));
      });
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The ticket for resuming this TLS session in another connection; null before the server sent it, and over plain
   * TCP.
   */
  get session(): Buffer | null {
    return this.#session;
  }

  get busy(): boolean {
    return this.#done !== null;
  }

  /** Sends prepared request bytes. `done` is called exactly once; only then may the next request be sent. */
  send(request: Buffer, done: Done): void {
    if (this.#done !== null) throw new Error('a request is already in flight on this connection');
    if (this.#closed) {
      done(new ConnectionError('the connection is closed'), null);
      return;
    }
    this.#done = done;
    this.#socket.write(request);
  }

  /**
   * Sends a request; the response belongs to the caller. @throws ConnectionError if there is no complete response
   * within `timeoutMs`; the connection is then closed
   */
  request(request: Buffer, timeoutMs = 30_000): Promise<Response> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new ConnectionError(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.send(request, (error, response) => {
        clearTimeout(timer);
        if (response) resolve(copyOf(response));
        else reject(error ?? new ConnectionError('no response'));
      });
    });
  }

  /** Ends the connection at once; a request in flight ends with a ConnectionError. */
  close(): void {
    this.#destroy();
  }

  /** No request may be sent after this; the socket's own `close` event comes later. */
  #destroy(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#destroy();
    this.#finish(error, null);
  }

  #onData(chunk: Buffer): void {
    if (this.#done === null) {
      // No request is in flight: a late error page, or its start. It must not be used as the answer to the next
      // request.
      this.#destroy();
      return;
    }
    let response: Response | null;
    try {
      response = this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (response === null) return;
    if (response.closes) this.#destroy();
    this.#finish(null, response);
  }

  #finish(error: Error | null, response: Response | null): void {
    const done = this.#done;
    if (done === null) return;
    if (error === null && response === null) return;
    this.#done = null;
    done(error, response);
  }
}
