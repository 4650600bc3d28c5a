/**
 * Counts pipelined responses. As long as they have the form of the last fully parsed one (its length, status, and end
 * of head), only those bytes are checked; any other is parsed and checked as in every load.
 */

import { readResponse } from '../connection/assembly.ts';
import { isAsExpected, type ReadyRequest } from '../connection/ready-request.ts';
import { ProtocolError } from '../connection/response.ts';

const BLANK_LINE = '\r\n\r\n';
const EMPTY = Buffer.alloc(0);
/** `HTTP/1.1 200`: the compared part of a status line. */
const STATUS_BYTES = 12;
const LENGTH_HEADER = /\r\ncontent-length:[ \t]*\d+/i;
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** The form of a response. */
interface Form {
  readonly statusLine: Buffer;
  /** The header with the body's length, and its position. */
  readonly lengthHeader: Buffer;
  readonly lengthAt: number;
  readonly headBytes: number;
  readonly bytes: number;
}

function formOf(answer: Buffer): Form | null {
  const headEnd = answer.indexOf(BLANK_LINE);
  const found = LENGTH_HEADER.exec(answer.toString('latin1', 0, headEnd + 2));
  if (headEnd < 0 || found === null) return null;
  return {
    statusLine: Buffer.from(answer.subarray(0, STATUS_BYTES)),
    // Including the line break, so that 12 does not match 120.
    lengthHeader: Buffer.from(answer.subarray(found.index, found.index + found[0].length + 2)),
    lengthAt: found.index,
    headBytes: headEnd + BLANK_LINE.length,
    bytes: answer.length,
  };
}

function has(data: Buffer, at: number, bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if (data[at + i] !== bytes[i]) return false;
  return true;
}

const CR = 13;
const LF = 10;

function fits(form: Form, data: Buffer, at: number): boolean {
  const end = at + form.headBytes;
  return (
    has(data, at, form.statusLine) &&
    has(data, at + form.lengthAt, form.lengthHeader) &&
    data[end - 4] === CR &&
    data[end - 3] === LF &&
    data[end - 2] === CR &&
    data[end - 1] === LF
  );
}

/** A server that ends its connections after fewer responses spends much of its CPU time on opening them. */
const LEAST_BEFORE_END = 10;

export class AnswerCounter {
  readonly #expected: ReadyRequest;
  #form: Form | null = null;
  /** The beginning of an incomplete response. */
  #pending: Buffer = EMPTY;
  /** Remaining bytes of a response with the expected head. */
  #rest = 0;
  /** Responses so far. */
  #total = 0;
  #hasEnded = false;

  constructor(expected: ReadyRequest) {
    this.#expected = expected;
  }

  /**
   * @param chunk is not kept @returns the number of responses it completes @throws ProtocolError if a response is not
   * HTTP, is unexpected, or announces after a few others that the server closes the connection
   */
  push(chunk: Buffer): number {
    let data = chunk;
    let at = 0;
    const before = this.#total;
    if (this.#rest > 0) {
      if (data.length < this.#rest) {
        this.#rest -= data.length;
        return 0;
      }
      at = this.#rest;
      this.#rest = 0;
      this.#total++;
    } else if (this.#pending.length > 0) {
      data = Buffer.concat([this.#pending, chunk]);
      this.#pending = EMPTY;
    }
    while (at < data.length) {
      const form = this.#form;
      const left = data.length - at;
      if (form !== null && left >= form.headBytes && fits(form, data, at)) {
        if (left < form.bytes) {
          this.#rest = form.bytes - left;
          break;
        }
        at += form.bytes;
      } else {
        const bytes = this.#read(data.subarray(at));
        if (bytes === null) break;
        at += bytes;
      }
      this.#total++;
      // The server answers nothing after it.
      if (this.#hasEnded) break;
    }
    return this.#total - before;
  }

  /** Whether the server answers nothing more on this connection. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Parses one response. @returns its bytes; null while it is incomplete, and then keeps it */
  #read(data: Buffer): number | null {
    const response = readResponse(data);
    if (response === null) {
      if (data.length > MAX_PENDING_BYTES) throw new ProtocolError('the response is too large');
      this.#pending = Buffer.from(data);
      return null;
    }
    if (!isAsExpected(this.#expected, response)) {
      const { status } = this.#expected;
      throw new ProtocolError(
        response.status === status
          ? `a response has an unexpected body (${response.bytes} bytes in total)`
          : `a response has status ${response.status} instead of ${status}`,
      );
    }
    if (response.closes) {
      const answers = this.#total + 1;
      if (answers < LEAST_BEFORE_END)
        throw new ProtocolError(
          `the server closes the connection after ${answers === 1 ? 'a response' : `${answers} responses`}`,
        );
      this.#hasEnded = true;
    }
    this.#form = formOf(data.subarray(0, response.bytes));
    return response.bytes;
  }
}
