/** A connection of a warm-up: repeats one request, optionally pipelined. */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf } from '../../../core/errors.ts';
import type { Address } from '../connection/connection.ts';
import { connectFault, RESOLVING } from '../connection/lookup.ts';
import type { ReadyRequest } from '../connection/ready-request.ts';
import type { Renewable } from '../connection/renewable.ts';
import { trusting } from '../connection/trust.ts';
import { AnswerCounter } from './answers.ts';

/** Most requests in flight on one connection. */
export const DEPTH = 4;
/** A fresh buffer for each read would cost a sixth of a request's CPU time here. */
const READ = Buffer.allocUnsafeSlow(64 * 1024);

export interface WarmUpEvents {
  readonly answered: (connection: WarmUpConnection, answers: number) => void;
  /** The same for the last responses of a connection, whose server announced its end. Those in flight are not answered. */
  readonly ended: (connection: WarmUpConnection, answers: number) => void;
  /** Called at most once, when the connection can no longer be used, and not after `close`. */
  readonly failed: (reason: string) => void;
}

export class WarmUpConnection {
  readonly #socket: Socket;
  readonly #counter: AnswerCounter;
  readonly #events: WarmUpEvents;
  readonly #request: Renewable;
  #inFlight = 0;
  #ended = false;

  /** Requests may be sent at once: they wait for the connection. */
  constructor(address: Address, request: ReadyRequest, events: WarmUpEvents) {
    const { host, port, certificate, isPinned = false } = address;
    this.#counter = new AnswerCounter(request);
    this.#events = events;
    this.#request = request.bytes;
    const onread: OnReadOpts = {
      buffer: READ,
      callback: (bytes) => {
        this.#take(READ.subarray(0, bytes));
        return true;
      },
    };
    const plain = { host, port, ...RESOLVING, onread };
    this.#socket =
      certificate === undefined ? connect(plain) : connectTls({ ...plain, ...trusting({ certificate, isPinned }) });
    this.#socket.setNoDelay(true);
    this.#socket.resume();
    this.#socket.on('error', (error) => this.#fail(connectFault(error)));
    this.#socket.on('close', () => this.#fail('the server closed a connection'));
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @param times at most `DEPTH` minus those in flight */
  send(times: number): void {
    this.#inFlight += times;
    if (times === 1) this.#socket.write(this.#request.next());
    else this.#socket.write(Buffer.concat(Array.from({ length: times }, () => this.#request.next())));
  }

  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return;
    let answers: number;
    try {
      answers = this.#counter.push(chunk);
    } catch (error) {
      this.#fail(messageOf(error));
      return;
    }
    if (answers > this.#inFlight) {
      this.#fail('the server sent more responses than requests');
      return;
    }
    this.#inFlight -= answers;
    if (this.#counter.hasEnded) {
      this.close();
      this.#events.ended(this, answers);
    } else if (answers > 0) this.#events.answered(this, answers);
  }

  #fail(reason: string): void {
    if (this.#ended) return;
    this.close();
    this.#events.failed(reason);
  }
}
