/**
 * Reads HTTP/1.1 responses from a byte stream (RFC 9112), one at a time. Written for the generator's hot path: only
 * status and length are parsed, and a response that repeats the last one byte for byte is not parsed again.
 */

export interface Response {
  readonly status: number;
  /** Status line and headers, without the blank line. Look values up with `headerValues`. */
  readonly head: string;
  /** Read-only: equal responses share it. */
  readonly body: Buffer;
  /** All bytes of the response on the wire: interim responses, head, blank line, body and its framing. */
  readonly bytes: number;
  /** The server will close the connection after this response. */
  readonly closes: boolean;
}

/** The server sent something that is not an HTTP/1.1 response. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const BLANK_LINE = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?:\r\n|$)/i;
const CHUNKED = /\r\ntransfer-encoding:[^\r]*\bchunked\b/i;
const CLOSE = /\r\nconnection:(?:[^\r]*,)?[ \t]*close[ \t]*(?:,|\r\n|$)/i;
const KEEP_ALIVE = /\r\nconnection:[^\r]*\bkeep-alive\b/i;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r\n|$)/;

/** Every value of a header, in order. */
export function headerValues(head: string, name: string): string[] {
  const values: string[] = [];
  const wanted = name.toLowerCase();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === wanted) values.push(line.slice(colon + 1).trim());
  }
  return values;
}

interface Framing {
  readonly status: number;
  readonly head: string;
  readonly bodyStart: number;
  readonly kind: 'none' | 'length' | 'chunked' | 'until-close';
  readonly length: number;
  readonly closes: boolean;
}

function readHead(data: Buffer): Framing | null {
  const end = data.indexOf(BLANK_LINE);
  if ((end < 0 ? data.length : end) > MAX_HEAD_BYTES) {
    throw new ProtocolError(`response head exceeds ${MAX_HEAD_BYTES} bytes`);
  }
  if (end < 0) return null;
  const head = data.toString('latin1', 0, end);
  const statusLine = STATUS_LINE.exec(head);
  if (statusLine === null) {
    throw new ProtocolError(`not an HTTP/1.1 response: ${JSON.stringify(head.slice(0, 40))}`);
  }
  const status = Number(statusLine[2]);
  const bodyStart = end + 4;
  // HTTP/1.0 closes by default; 1.1 does not (RFC 9112, 9.3).
  const closes = CLOSE.test(head) || (statusLine[1] === '0' && !KEEP_ALIVE.test(head));
  if (status < 200 || status === 204 || status === 304) {
    return { status, head, bodyStart, kind: 'none', length: 0, closes };
  }
  if (CHUNKED.test(head)) return { status, head, bodyStart, kind: 'chunked', length: 0, closes };
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (length === undefined) {
    if (/\r\ncontent-length:/i.test(head)) throw new ProtocolError('malformed content-length');
    return { status, head, bodyStart, kind: 'until-close', length: 0, closes: true };
  }
  if (Number(length) > MAX_BODY_BYTES) throw new ProtocolError(`response body exceeds ${MAX_BODY_BYTES} bytes`);
  return { status, head, bodyStart, kind: 'length', length: Number(length), closes };
}

/** Decodes a chunked body from `start`; null while it is incomplete. */
function readChunks(data: Buffer, start: number): { body: Buffer; end: number } | null {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = data.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return null;
    const sizeText = data.toString('latin1', at, lineEnd).split(';', 1)[0]?.trim() ?? '';
    if (!/^[0-9a-f]{1,7}$/i.test(sizeText)) throw new ProtocolError('malformed chunk size');
    const size = Number.parseInt(sizeText, 16);
    at = lineEnd + 2;
    if (size === 0) {
      // Trailer fields, if any, end with a blank line.
      for (;;) {
        const trailerEnd = data.indexOf('\r\n', at, 'latin1');
        if (trailerEnd < 0) return null;
        const blank = trailerEnd === at;
        at = trailerEnd + 2;
        if (blank) return { body: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), end: at };
      }
    }
    if (data.length < at + size + 2) return null;
    parts.push(data.subarray(at, at + size));
    at += size + 2;
    if (data[at - 2] !== 13 || data[at - 1] !== 10) throw new ProtocolError('a chunk is not followed by a line break');
  }
}

/**
 * The first response of a stream that may contain several. @returns null while it is incomplete, or delimited by the
 * end of the connection @throws ProtocolError on malformed framing
 */
export function readResponse(data: Buffer): Response | null {
  let start = 0;
  for (;;) {
    const framing = readHead(data.subarray(start));
    if (framing === null) return null;
    const { status, head, bodyStart, kind, closes } = framing;
    start += bodyStart;
    // An interim response (RFC 9110, 15.2): the real one follows.
    if (status < 200) continue;
    if (kind === 'none') return { status, head, body: EMPTY, bytes: start, closes };
    if (kind === 'until-close') return null;
    if (kind === 'chunked') {
      const chunks = readChunks(data, start);
      return chunks === null ? null : { status, head, body: chunks.body, bytes: chunks.end, closes };
    }
    const end = start + framing.length;
    return data.length < end ? null : { status, head, body: data.subarray(start, end), bytes: end, closes };
  }
}

/** Beyond this, comparing and keeping a response would cost more than it saves. */
const MAX_REPEATED_BYTES = 16 * 1024;

interface Repeatable {
  readonly wire: Buffer;
  readonly response: Response;
}

/**
 * Parses chunks as they arrive, and returns each completed response, the same object for the same bytes. One request
 * in flight at a time.
 */
export class ResponseReader {
  /** The last response that came in one chunk. A server repeats it until its Date changes, once a second. */
  #last: Repeatable | null = null;
  #pending: Buffer = EMPTY;
  #framing: Framing | null = null;
  #interimBytes = 0;

  /**
   * @returns the response that `chunk` completes, or null while more is needed
   * @throws ProtocolError on malformed framing, or on bytes after the end of the response
   */
  push(chunk: Buffer): Response | null {
    const isFirst = this.#framing === null && this.#pending.length === 0 && this.#interimBytes === 0;
    if (isFirst && this.#last !== null && chunk.equals(this.#last.wire)) return this.#last.response;
    // The caller reads the next chunk into the same memory.
    const wire = isFirst ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    let data = wire;
    for (;;) {
      this.#framing ??= readHead(data);
      const framing = this.#framing;
      if (framing === null) break;
      if (framing.status < 200) {
        // An interim response (RFC 9110, 15.2): the real one follows.
        data = data.subarray(framing.bodyStart);
        this.#interimBytes += framing.bodyStart;
        this.#framing = null;
        continue;
      }
      const done = this.#complete(framing, data);
      if (done === null) break;
      if (done.bytes < this.#interimBytes + data.length) throw new ProtocolError('bytes after the end of the response');
      this.#reset();
      if (isFirst && wire.length <= MAX_REPEATED_BYTES) this.#last = { wire, response: done };
      return done;
    }
    if (data.length > MAX_HEAD_BYTES + MAX_BODY_BYTES) {
      throw new ProtocolError(`response body exceeds ${MAX_BODY_BYTES} bytes`);
    }
    this.#pending = data;
    return null;
  }

  /** Completes a response that is delimited by the end of the connection, otherwise null. */
  end(): Response | null {
    const framing = this.#framing;
    const data = this.#pending;
    const response =
      framing?.kind === 'until-close' ? this.#response(framing, data.subarray(framing.bodyStart), data.length) : null;
    this.#reset();
    return response;
  }

  #complete(framing: Framing, data: Buffer): Response | null {
    switch (framing.kind) {
      case 'none':
        return this.#response(framing, EMPTY, framing.bodyStart);
      case 'length': {
        const end = framing.bodyStart + framing.length;
        return data.length < end ? null : this.#response(framing, data.subarray(framing.bodyStart, end), end);
      }
      case 'chunked': {
        const chunks = readChunks(data, framing.bodyStart);
        return chunks === null ? null : this.#response(framing, chunks.body, chunks.end);
      }
      case 'until-close':
        return null;
    }
  }

  #response(framing: Framing, body: Buffer, bytes: number): Response {
    const { status, head, closes } = framing;
    return { status, head, body, bytes: this.#interimBytes + bytes, closes };
  }

  #reset(): void {
    this.#pending = EMPTY;
    this.#framing = null;
    this.#interimBytes = 0;
  }
}
