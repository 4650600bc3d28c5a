/**
 * Reads HTTP/1.1 responses from a byte stream (RFC 9112), one at a time. Written for the generator's hot path: only
 * status and length are parsed, and a response that repeats the last one byte for byte is not parsed again.
 */
import { Assembly } from './assembly.ts';
import { ChunkDecoder } from './chunks.ts';
import { GrowingBytes } from './growing.ts';
import { BLANK_LINE_BYTES, type Framing, readHead } from './head.ts';
import { OwnHead, ProtocolError, ReadResponse, type Response } from './response.ts';
import { MAX_REPEATED_BYTES, Template, type Whole } from './template.ts';
import { NOTHING_CAME, type Unfinished } from './unfinished.ts';

const EMPTY = Buffer.alloc(0);

/** A short response of known length that is still arriving: its bytes so far, in memory of its own. */
interface Arriving {
  readonly wire: Buffer;
  readonly framing: Framing;
  length: number;
}

interface Repeatable {
  readonly wire: Buffer;
  readonly response: Response;
}

const surplus = () => new ProtocolError('bytes after the end of the response');

/**
 * Parses chunks as they arrive, and returns each completed response, the same object for the same bytes. One request
 * in flight at a time.
 */
export class ResponseReader {
  /** The last response that came in one chunk. A server repeats it until its Date changes, once a second. */
  #last: Repeatable | null = null;
  /** The last one of these that was parsed, and what responses that differ from it in some lines have in common. */
  #whole: Whole | null = null;
  #template: Template | null = null;
  /** The last one that the template recognised. */
  #alike: Response | null = null;
  /** The last one that came in several. */
  #lastInPieces: Repeatable | null = null;
  /** Bytes of this response that repeat those of `#lastInPieces`. */
  #repeated = 0;
  /** This response, if it comes in several chunks, does not repeat the last, is short and has a length. */
  #arriving: Arriving | null = null;
  /** Any other response that comes in several chunks and does not repeat the last. */
  #assembly: Assembly | null = null;
  /** What `#assembly` has read, while it is short enough to be kept. */
  #wire: GrowingBytes | null = null;
  #isFirst = true;

  /**
   * @returns the response that `chunk` completes, or null while more is needed
   * @throws ProtocolError on malformed framing, or on bytes after the end of the response
   */
  push(chunk: Buffer): Response | null {
    if (!this.#isFirst) return this.#pushNext(chunk);
    if (this.#last !== null && chunk.equals(this.#last.wire)) return this.#last.response;
    return this.#pushFirst(chunk);
  }

  /** What has arrived of the current response. Ask before `end`. */
  get unfinished(): Unfinished {
    if (this.#arriving !== null) {
      const { framing, length } = this.#arriving;
      return { part: 'body', bytes: length - framing.headEnd - BLANK_LINE_BYTES, of: framing.length };
    }
    if (this.#assembly !== null) return this.#assembly.unfinished;
    if (this.#lastInPieces === null || this.#repeated === 0) return NOTHING_CAME;
    const assembly = new Assembly();
    assembly.push(this.#lastInPieces.wire.subarray(0, this.#repeated));
    return assembly.unfinished;
  }

  /** Completes a response that is delimited by the end of the connection, otherwise null. */
  end(): Response | null {
    const response = this.#assembly?.end() ?? null;
    this.#reset();
    return response;
  }

  #pushFirst(chunk: Buffer): Response | null {
    const repeated = this.#lastInPieces === null ? undefined : this.#repeat(chunk);
    if (repeated !== undefined) return repeated;
    const response = this.#readAlike(chunk) ?? this.#readWhole(chunk);
    return response !== null || this.#arriving !== null ? response : this.#assemble(chunk);
  }

  /** @returns null if the template does not recognise it */
  #readAlike(chunk: Buffer): Response | null {
    const response = this.#template?.read(chunk) ?? null;
    // It repeats: the next one need only be compared. One that is new each time is not copied.
    if (response !== null && response === this.#alike) this.#last = { wire: Buffer.from(chunk), response };
    this.#alike = response;
    return response;
  }

  /** A response in one chunk: the usual case. @returns null if it is another */
  #readWhole(chunk: Buffer): Response | null {
    const framing = readHead(chunk);
    if (framing === null || framing.status < 200) return null;
    const { kind, headEnd, length } = framing;
    if (kind === 'until-close') return null;
    const start = headEnd + BLANK_LINE_BYTES;
    const chunks = kind === 'chunked' ? new ChunkDecoder() : null;
    const end = chunks === null ? start + length : chunks.push(chunk, start);
    if (chunk.length < end && kind === 'length' && end <= MAX_REPEATED_BYTES) {
      this.#arriving = { wire: Buffer.allocUnsafe(end), framing, length: 0 };
      return this.#arrive(this.#arriving, chunk);
    }
    if (chunk.length < end || chunks?.isComplete === false) return null;
    if (chunk.length > end) throw surplus();
    // The caller reads the next chunk into the same memory.
    const wire = Buffer.allocUnsafe(end);
    wire.set(chunk);
    const body = chunks?.body ?? (length === 0 ? EMPTY : wire.subarray(start, end));
    const response = new ReadResponse(framing, body, end, new OwnHead(wire, headEnd));
    if (end > MAX_REPEATED_BYTES) return response;
    const whole = { wire, framing, response };
    if (this.#whole !== null) this.#template = Template.of(this.#whole, whole);
    this.#whole = whole;
    this.#last = whole;
    return response;
  }

  #arrive(arriving: Arriving, chunk: Buffer): Response | null {
    const { wire, framing, length } = arriving;
    this.#isFirst = false;
    arriving.length += chunk.length;
    if (arriving.length > wire.length) throw surplus();
    wire.set(chunk, length);
    if (arriving.length < wire.length) return null;
    const { headEnd } = framing;
    const body = wire.subarray(headEnd + BLANK_LINE_BYTES);
    const response = new ReadResponse(framing, body, wire.length, new OwnHead(wire, headEnd));
    this.#lastInPieces = { wire, response };
    this.#reset();
    return response;
  }

  #pushNext(chunk: Buffer): Response | null {
    if (this.#arriving !== null) return this.#arrive(this.#arriving, chunk);
    if (this.#assembly !== null) return this.#assemble(chunk);
    const repeated = this.#repeat(chunk);
    if (repeated !== undefined) return repeated;
    const before = this.#lastInPieces?.wire.subarray(0, this.#repeated);
    if (before !== undefined && before.length > 0) this.#assemble(before);
    return this.#assemble(chunk);
  }

  /** @returns undefined if the chunk is not the next part of the last response; null if it is not its last part */
  #repeat(chunk: Buffer): Response | null | undefined {
    const last = this.#lastInPieces;
    const end = this.#repeated + chunk.length;
    if (last === null || end > last.wire.length) return undefined;
    if (!last.wire.subarray(this.#repeated, end).equals(chunk)) return undefined;
    this.#repeated = end;
    this.#isFirst = false;
    if (end < last.wire.length) return null;
    this.#reset();
    return last.response;
  }

  #assemble(chunk: Buffer): Response | null {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst || this.#assembly === null) this.#wire = new GrowingBytes();
    this.#assembly ??= new Assembly();
    this.#keep(chunk);
    if (this.#assembly.push(chunk) < chunk.length) throw surplus();
    const { response } = this.#assembly;
    if (response === null) return null;
    if (this.#wire !== null) {
      const kept = { wire: this.#wire.bytes, response };
      if (isFirst) this.#last = kept;
      else this.#lastInPieces = kept;
    }
    this.#reset();
    return response;
  }

  #keep(chunk: Buffer): void {
    if (this.#wire === null) return;
    if (this.#wire.length + chunk.length > MAX_REPEATED_BYTES) this.#wire = null;
    else this.#wire.append(chunk, 0, chunk.length);
  }

  #reset(): void {
    this.#isFirst = true;
    this.#repeated = 0;
    this.#arriving = null;
    this.#assembly = null;
    this.#wire = null;
  }
}
