/** An HTTP/1.1 response (RFC 9112), as the load reads it. */

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

export const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export const tooLarge = () => new ProtocolError(`response body exceeds ${MAX_BODY_BYTES} bytes`);

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

/** The head of a response, as text. */
export interface HeadText {
  /** @param lines the part of the head that is the response's own */
  textWith(lines: string): string;
}

/** The head of one response alone. */
export class OwnHead implements HeadText {
  readonly #wire: Buffer;
  readonly #end: number;

  /** @param wire begins with the head, and is not written to again */
  constructor(wire: Buffer, end: number) {
    this.#wire = wire;
    this.#end = end;
  }

  textWith(): string {
    return this.#wire.toString('latin1', 0, this.#end);
  }
}

/** A response whose head becomes a string only if somebody asks for it. The load does not. */
export class ReadResponse implements Response {
  readonly status: number;
  readonly body: Buffer;
  readonly bytes: number;
  readonly closes: boolean;
  readonly #head: HeadText;
  readonly #lines: string;

  constructor(
    { status, closes }: Pick<Response, 'status' | 'closes'>,
    body: Buffer,
    bytes: number,
    head: HeadText,
    lines = '',
  ) {
    this.status = status;
    this.body = body;
    this.bytes = bytes;
    this.closes = closes;
    this.#head = head;
    this.#lines = lines;
  }

  get head(): string {
    return this.#head.textWith(this.#lines);
  }
}
