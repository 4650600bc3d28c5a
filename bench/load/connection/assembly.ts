/** A response that arrives in pieces. Each byte is read once, whatever the pieces are, and no framing is kept. */
import { ChunkDecoder } from './chunks.ts';
import { GrowingBytes } from './growing.ts';
import { BLANK_LINE_BYTES, type Framing, readHead } from './head.ts';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES, OwnHead, ReadResponse, type Response, tooLarge } from './response.ts';
import { type Unfinished, unfinishedHead } from './unfinished.ts';

const BLANK_LINE = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

export class Assembly {
  #head = new GrowingBytes();
  #framing: Framing | null = null;
  readonly #body = new GrowingBytes();
  #chunks: ChunkDecoder | null = null;
  #interimBytes = 0;
  /** Of the final response: head, framing and body. */
  #bytes = 0;
  /** Null until it is complete. */
  response: Response | null = null;

  /**
   * Once the response is complete, takes no more. The bytes are copied.
   * @returns where in `data` the response ends, or the length of `data` @throws ProtocolError on malformed framing
   */
  push(data: Buffer): number {
    let at = 0;
    while (this.#framing === null && at < data.length) at = this.#readHead(data, at);
    const framing = this.#framing;
    if (framing === null) return at;
    const bodyStart = at;
    at = this.#readBody(framing, data, at);
    this.#bytes += at - bodyStart;
    if (this.response === null && this.#isComplete(framing)) this.response = this.#responseOf(framing);
    if (this.response === null && this.#bytes > MAX_HEAD_BYTES + MAX_BODY_BYTES) throw tooLarge();
    return at;
  }

  /** @returns the response that the end of the connection completes, otherwise null */
  end(): Response | null {
    return this.#framing?.kind === 'until-close' ? this.#responseOf(this.#framing) : null;
  }

  /** What has arrived, while the response is not complete. */
  get unfinished(): Unfinished {
    if (this.#framing === null) {
      if (this.#head.length === 0 && this.#interimBytes > 0) return { part: 'interim', bytes: this.#interimBytes };
      return unfinishedHead(this.#head.bytes);
    }
    const { kind, length } = this.#framing;
    if (kind === 'length') return { part: 'body', bytes: this.#body.length, of: length };
    return { part: 'body', bytes: (this.#chunks?.body ?? this.#body.bytes).length, of: null };
  }

  /** @returns where the head ends in `data`, or the length of `data` */
  #readHead(data: Buffer, start: number): number {
    const before = this.#head.length;
    // A head that exceeds the limit is refused without its other bytes.
    const end = Math.min(data.length, start + MAX_HEAD_BYTES + BLANK_LINE_BYTES + 1);
    this.#head.append(data, start, end);
    const { bytes } = this.#head;
    const found = bytes.indexOf(BLANK_LINE, Math.max(0, before - BLANK_LINE_BYTES + 1));
    if (found < 0 && bytes.length <= MAX_HEAD_BYTES) return end;
    const framing = readHead(bytes);
    if (framing === null) return end;
    const headBytes = framing.headEnd + BLANK_LINE_BYTES;
    if (framing.status < 200) {
      // An interim response (RFC 9110, 15.2): the real one follows.
      this.#interimBytes += headBytes;
      this.#head = new GrowingBytes();
    } else {
      this.#framing = framing;
      this.#bytes = headBytes;
    }
    return start + headBytes - before;
  }

  #readBody({ kind, length }: Framing, data: Buffer, start: number): number {
    if (kind === 'none') return start;
    if (kind === 'chunked') {
      this.#chunks ??= new ChunkDecoder();
      return this.#chunks.push(data, start);
    }
    const end = kind === 'length' ? Math.min(data.length, start + length - this.#body.length) : data.length;
    this.#body.append(data, start, end);
    return end;
  }

  #isComplete({ kind, length }: Framing): boolean {
    if (kind === 'chunked') return this.#chunks?.isComplete === true;
    return kind === 'none' || (kind === 'length' && this.#body.length === length);
  }

  #responseOf(framing: Framing): Response {
    const { kind, headEnd } = framing;
    const body = kind === 'none' ? EMPTY : (this.#chunks?.body ?? this.#body.bytes);
    const head = new OwnHead(this.#head.bytes, headEnd);
    return new ReadResponse(framing, body, this.#interimBytes + this.#bytes, head);
  }
}

/** The first response of a stream that may contain several; null while it is incomplete, or ends with the connection. */
export function readResponse(data: Buffer): Response | null {
  const assembly = new Assembly();
  assembly.push(data);
  return assembly.response;
}
